import type { Release } from '../host.ts';
import type { Clock } from './clock.ts';

/** Locks by path, exclusive or shared; whoever waits gets them in order of arrival. */
export type Locks = (
  path: string,
  timeoutMs: number,
  onWait?: () => void,
  isShared?: boolean,
) => Promise<Release | undefined>;

type Waiter = { readonly isShared: boolean; readonly enter: () => void };

/** A lock that somebody holds: how many do, whether with others, and who waits. */
type Held = { holders: number; isShared: boolean; queue: Waiter[] };

export function createLocks(clock: Clock): Locks {
  const locks = new Map<string, Held>();
  const release = (path: string, held: Held): void => {
    held.holders -= 1;
    if (held.holders > 0) return;
    if (held.queue.length === 0) locks.delete(path);
    else admit(held);
  };
  const take = (path: string, held: Held): Release => {
    let isHeld = true;
    return async () => {
      if (!isHeld) return;
      isHeld = false;
      release(path, held);
    };
  };
  return async (path, timeoutMs, onWait, isShared = false) => {
    const found = locks.get(path);
    if (found === undefined) {
      const held = { holders: 1, isShared, queue: [] };
      locks.set(path, held);
      return take(path, held);
    }
    if (isShared && found.isShared && found.queue.length === 0) {
      found.holders += 1;
      return take(path, found);
    }
    onWait?.();
    return new Promise((resolve) => {
      const waiter: Waiter = {
        isShared,
        enter: () => {
          cancel();
          resolve(take(path, found));
        },
      };
      const cancel = clock.at(clock.now() + timeoutMs, () => {
        found.queue.splice(found.queue.indexOf(waiter), 1);
        resolve(undefined);
      });
      found.queue.push(waiter);
    });
  };
}

/** Lets the first in, and with a shared one all the shared ones right behind it. */
function admit(held: Held): void {
  const first = held.queue.shift();
  if (first === undefined) return;
  held.isShared = first.isShared;
  held.holders = 1;
  const entering = [first];
  while (first.isShared && held.queue[0]?.isShared === true) {
    const next = held.queue.shift();
    if (next === undefined) break;
    held.holders += 1;
    entering.push(next);
  }
  for (const waiter of entering) waiter.enter();
}
