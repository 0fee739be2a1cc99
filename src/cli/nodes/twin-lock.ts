import type { Holder } from '../../model/node.ts';
import { takeLock } from '../../node/node-lock.ts';
import { pause } from '../../node/pause.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { stop } from '../stop.ts';

/**
 * Keeps a twin's file to this command: two that change it at once would undo each other. The lock is
 * a file beside it, given way to by the dead; one that is held is waited for, up to `patienceMs`.
 */
export async function lockTwinFile(
  { io, verb }: Pick<Context, 'io' | 'verb'>,
  path: string,
  patienceMs = 30_000,
): Promise<() => Promise<void>> {
  const patienceEnds = Date.now() + patienceMs;
  for (;;) {
    const lock = await takeLock(`${path}.lock`, `phoenix ${verb.name}`, Date.now());
    if (lock.acquired) return lock.release;
    io.signal.throwIfAborted();
    if (Date.now() >= patienceEnds) throw inUse(path, lock.holder);
    await pause(LOOK_AGAIN_MS, io.signal);
  }
}

const LOOK_AGAIN_MS = 50;

function inUse(path: string, { pid, host, purpose }: Holder): Error {
  return stop(EXIT.unreachable, {
    code: 'cli/twin-in-use',
    summary: 'Another command works on this twin',
    detail: `${path} is used by "${purpose}", process ${pid} on ${host}.`,
    remedy: 'Wait until it has ended, or take another file: --host twin:OTHER.',
  });
}
