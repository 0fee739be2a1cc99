import type { TargetOutcome } from '../model/plan.ts';
import type { Change } from '../model/change.ts';
import { BUG } from './trouble.ts';

/** Exit codes that a run can end with. */
export const EXIT = {
  done: 0,
  failed: 1,
  left: 3,
  unreachable: 69,
  bug: 70,
  rebootNeeded: 75,
  interrupted: 130,
} as const;

/** What a node says once the connection to it has gone. */
const DISCONNECTED = 'node/disconnected';

/** The exit code of a run: the gravest of what became of its targets. */
export function exitCodeOf(outcomes: readonly TargetOutcome[]): number {
  const results = new Set(outcomes.map(({ result }) => result));
  if (results.has('interrupted')) return EXIT.interrupted;
  const says = (one: string): boolean =>
    outcomes.some(({ diagnostics }) => diagnostics.some(({ code }) => code === one));
  if (says(BUG)) return EXIT.bug;
  if (says(DISCONNECTED)) return EXIT.unreachable;
  if (results.has('failed') || results.has('skipped')) return EXIT.failed;
  const needsReboot = outcomes.some(({ left }) => left.some(isRebootOfNode));
  if (needsReboot) return EXIT.rebootNeeded;
  return results.has('left') ? EXIT.left : EXIT.done;
}

/** The host itself goes on only after a reboot, which is its owner's to do. */
function isRebootOfNode({ target, effect }: Change): boolean {
  return target === 'node' && effect === 'reboot';
}
