import type { Diagnostic } from '../model/diagnostic.ts';
import type { Holder } from '../model/node.ts';
import { carriedDiagnostic, describeError } from './trouble.ts';

/** Says who holds the node's lock, since when and for what. `now` is epoch milliseconds. */
export function lockedBy(holder: Holder, now: number): Diagnostic {
  const { pid, host, since, purpose } = holder;
  return {
    code: 'engine/locked',
    severity: 'error',
    summary: 'Another run of Phoenix is working on this node',
    detail: `Process ${pid} on ${host}, for ${ago(now - since)}: ${purpose}`,
    remedy: 'Wait until it has ended, then run the same command again. A dead one gives way by itself.',
  };
}

/** Says why nobody holds the lock and it still could not be taken. */
export function lockNotTaken(node: string, error: unknown): Diagnostic {
  return (
    carriedDiagnostic(error) ?? {
      code: 'engine/lock-not-taken',
      severity: 'error',
      summary: 'The lock on the node cannot be taken',
      detail: `${node}: ${describeError(error)}`,
      remedy: 'Look whether the node can be reached and whether /var/lib/phoenix can be written.',
    }
  );
}

function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
