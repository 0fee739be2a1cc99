import type { Host, Release } from './host.ts';

export type DyingHost = {
  readonly host: Host;
  /** Settles when the tool has died. */
  readonly dead: Promise<void>;
};

/**
 * A host for one tool that is killed, its worker with it, at its call number `afterCalls` (from 0):
 * that call and all later ones are never carried out and never answered. Its locks and tasks end then,
 * as those of a dead process do.
 */
export function dyingHost(host: Host, afterCalls: number): DyingHost {
  let left = afterCalls;
  const held = new Set<Release>();
  let settle = (): void => {};
  const dead = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const die = async (): Promise<void> => {
    for (const release of held) await release();
    held.clear();
    settle();
  };
  const mortal = async <T>(call: () => Promise<T>): Promise<T> => {
    if (left === 0) void die();
    left -= 1;
    if (left < 0) return new Promise<T>(() => {});
    const answer = await call();
    return left < 0 ? new Promise<T>(() => {}) : answer;
  };
  const holding = (release: Release): Release => {
    held.add(release);
    return () =>
      mortal(async () => {
        held.delete(release);
        await release();
      });
  };
  return {
    dead,
    host: {
      nodeName: host.nodeName,
      now: host.now,
      random: host.random,
      sleep: (milliseconds) => mortal(() => host.sleep(milliseconds)),
      lock: (path, timeoutMs, onWait) =>
        mortal(async () => {
          const release = await host.lock(path, timeoutMs, onWait);
          if (release && left < 0) await release();
          return release && holding(release);
        }),
      beginTask: (type, id) =>
        mortal(async () => {
          const task = await host.beginTask(type, id);
          return { upid: task.upid, end: holding(task.end) };
        }),
      files: mortalCalls(host.files, mortal),
      volumes: mortalCalls(host.volumes, mortal),
      guests: mortalCalls(host.guests, mortal),
      appliances: mortalCalls(host.appliances, mortal),
      bridges: () => mortal(() => host.bridges()),
      cpuCount: () => mortal(() => host.cpuCount()),
    },
  };
}

type Mortal = <T>(call: () => Promise<T>) => Promise<T>;

/** The same group of calls, each of them mortal. */
function mortalCalls<Group extends object>(group: Group, mortal: Mortal): Group {
  return new Proxy(group, {
    get: (target, name, receiver): unknown => {
      const call: unknown = Reflect.get(target, name, receiver);
      if (typeof call !== 'function') return call;
      return (...values: readonly unknown[]) =>
        mortal(async () => Reflect.apply(call, target, values) as unknown);
    },
  });
}
