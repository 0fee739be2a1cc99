import type { Target } from '../model/target.ts';

/** Something that may start once others have ended. */
export type Scheduled = { readonly target: Target; readonly after: readonly Target[] };

/**
 * Starts everything as soon as what it comes after has ended, at once where it can, and resolves when
 * all have. `after` may name targets that are not in the list: they are taken as ended. What stands
 * in a circle, or behind one, never starts and is the result. `start` must not reject.
 */
export function schedule<Item extends Scheduled>(
  items: readonly Item[],
  start: (item: Item) => Promise<void>,
): Promise<readonly Item[]> {
  const waitingFor = new Map<Target, number>();
  const dependants = new Map<Target, Item[]>();
  for (const item of items) {
    waitingFor.set(item.target, 0);
    dependants.set(item.target, []);
  }
  for (const item of items) {
    for (const before of new Set(item.after)) {
      const list = dependants.get(before);
      if (!list) continue;
      list.push(item);
      waitingFor.set(item.target, (waitingFor.get(item.target) ?? 0) + 1);
    }
  }

  return new Promise((resolve) => {
    let running = 0;
    const begin = (item: Item): void => {
      running += 1;
      void start(item).then(() => {
        running -= 1;
        waitingFor.delete(item.target);
        for (const next of dependants.get(item.target) ?? []) {
          const open = (waitingFor.get(next.target) ?? 0) - 1;
          waitingFor.set(next.target, open);
          if (open === 0) begin(next);
        }
        if (running === 0) resolve(items.filter(({ target }) => waitingFor.has(target)));
      });
    };
    const ready = items.filter(({ target }) => waitingFor.get(target) === 0);
    for (const item of ready) begin(item);
    if (ready.length === 0) resolve(items);
  });
}
