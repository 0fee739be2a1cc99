import type { World } from '../world.ts';

/**
 * A virtual clock: whoever sleeps wakes in order of time, and time passes only when nothing else in
 * the program is left to do. So things that would run side by side do, and no test waits.
 */
export type Clock = {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Runs `wake` at a time; the function given cancels it. */
  readonly at: (time: number, wake: () => void) => () => void;
};

export function createClock(world: World): Clock {
  let sleepers: { time: number; order: number; wake: () => void }[] = [];
  let order = 0;
  let isPumping = false;
  const pump = (): void => {
    const next = sleepers.shift();
    if (next === undefined) {
      isPumping = false;
      return;
    }
    world.clock = Math.max(world.clock, next.time);
    next.wake();
    setImmediate(pump);
  };
  const at = (time: number, wake: () => void): (() => void) => {
    const sleeper = { time, order: order++, wake };
    const index = sleepers.findIndex((other) => other.time > time);
    sleepers.splice(index === -1 ? sleepers.length : index, 0, sleeper);
    if (!isPumping) {
      isPumping = true;
      setImmediate(pump);
    }
    return () => {
      sleepers = sleepers.filter((other) => other !== sleeper);
    };
  };
  return {
    now: () => world.clock,
    sleep: (milliseconds) => new Promise((resolve) => void at(world.clock + milliseconds, resolve)),
    at,
  };
}
