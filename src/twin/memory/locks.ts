import type { Release } from '../host.ts';
import type { Clock } from './clock.ts';

/** Exclusive locks by path; whoever waits gets them in order of arrival. */
export type Locks = (path: string, timeoutMs: number, onWait?: () => void) => Promise<Release | undefined>;

export function createLocks(clock: Clock): Locks {
  const waiting = new Map<string, (() => void)[]>();
  const take = (path: string): Release => {
    let isHeld = true;
    return async () => {
      if (!isHeld) return;
      isHeld = false;
      const next = waiting.get(path)?.shift();
      if (next === undefined) waiting.delete(path);
      else next();
    };
  };
  return async (path, timeoutMs, onWait) => {
    const queue = waiting.get(path);
    if (queue === undefined) {
      waiting.set(path, []);
      return take(path);
    }
    onWait?.();
    return new Promise((resolve) => {
      const enter = (): void => {
        cancel();
        resolve(take(path));
      };
      const cancel = clock.at(clock.now() + timeoutMs, () => {
        queue.splice(queue.indexOf(enter), 1);
        resolve(undefined);
      });
      queue.push(enter);
    });
  };
}
