import type { Host, Release } from './host.ts';

export type WatchedHost = {
  readonly host: Host;
  /** Settles at the call in question. */
  readonly reached: Promise<void>;
};

/**
 * A host for one tool whose call number `afterCalls` (from 0) is waited for. A tool that `dies` there,
 * its worker with it, has that call and all later ones never carried out and never answered; its locks
 * and tasks end then, as those of a dead process do.
 */
export function watchedHost(host: Host, afterCalls: number, fate: 'survives' | 'dies'): WatchedHost {
  let left = afterCalls;
  const isDead = (): boolean => fate === 'dies' && left < 0;
  const held = new Set<Release>();
  let settle = (): void => {};
  const reached = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const die = async (): Promise<void> => {
    for (const release of held) await release();
    held.clear();
    settle();
  };
  const mortal = async <T>(call: () => Promise<T>): Promise<T> => {
    if (left === 0) {
      if (fate === 'dies') void die();
      else settle();
    }
    left -= 1;
    if (isDead()) return new Promise<T>(() => {});
    const answer = await call();
    return isDead() ? new Promise<T>(() => {}) : answer;
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
    reached,
    host: {
      nodeName: host.nodeName,
      now: host.now,
      random: host.random,
      sleep: (milliseconds) => mortal(() => host.sleep(milliseconds)),
      lock: (path, timeoutMs, onWait, isShared) =>
        mortal(async () => {
          const release = await host.lock(path, timeoutMs, onWait, isShared);
          if (release && isDead()) await release();
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
      ...(host.machines && { machines: mortalCalls(host.machines, mortal) }),
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
