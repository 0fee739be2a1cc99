import { HostError, type Host } from './host.ts';

/** What happens to one call of a host: it fails without having done anything, or is never answered. */
export type CallFault = 'fail' | 'hang';

/**
 * A host of which single calls go wrong: `judge` sees each call (`volumes.allocate`, `files.write`)
 * and its number from 0. Reading the clock and random numbers cannot fail. For a tool that is killed,
 * see `watchedHost`.
 */
export function faultyHost(host: Host, judge: (call: string, index: number) => CallFault | undefined): Host {
  let count = 0;
  const judged = <T>(name: string, call: () => Promise<T>): Promise<T> => {
    const fault = judge(name, count++);
    if (fault === 'fail') return Promise.reject(new HostError(`${name} failed`));
    if (fault === 'hang') return new Promise<T>(() => {});
    return call();
  };
  const group = <Group extends object>(prefix: string, calls: Group): Group =>
    new Proxy(calls, {
      get: (target, name, receiver): unknown => {
        const call: unknown = Reflect.get(target, name, receiver);
        if (typeof call !== 'function') return call;
        return (...values: readonly unknown[]) =>
          judged(`${prefix}.${String(name)}`, async () => Reflect.apply(call, target, values) as unknown);
      },
    });
  return {
    nodeName: host.nodeName,
    now: host.now,
    random: host.random,
    sleep: (milliseconds) => judged('sleep', () => host.sleep(milliseconds)),
    lock: (path, timeoutMs, onWait, isShared) =>
      judged('lock', () => host.lock(path, timeoutMs, onWait, isShared)),
    beginTask: (type, id) => judged('beginTask', () => host.beginTask(type, id)),
    bridges: () => judged('bridges', host.bridges),
    cpuCount: () => judged('cpuCount', host.cpuCount),
    files: group('files', host.files),
    volumes: group('volumes', host.volumes),
    guests: group('guests', host.guests),
    ...(host.machines && { machines: group('machines', host.machines) }),
    appliances: group('appliances', host.appliances),
  };
}
