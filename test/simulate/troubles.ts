import { HostError, type Host } from '../../src/twin/host.ts';

/** What is wrong with a node for a while. */
export type Troubles = {
  /** The cluster lost its quorum: nothing below /etc/pve can be written (pmxcfs.adoc). */
  isInquorate: boolean;
  /** No storage takes anything more. */
  isFull: boolean;
  /** Another tool holds every guest's lock: how many waits for one it outlasts. */
  locksHeld: number;
  /** The machine went down: nothing that ran on it does anything more. */
  isDown: boolean;
};

export function noTroubles(): Troubles {
  return { isInquorate: false, isFull: false, locksHeld: 0, isDown: false };
}

/** A host with these troubles, which may come and go while tools run on it. */
export function troubledHost(host: Host, troubles: Troubles): Host {
  const refuseCluster = (path: string): void => {
    if (troubles.isInquorate && path.startsWith('/etc/pve/')) {
      throw new HostError(`unable to open file '${path}.tmp.1' - Permission denied`);
    }
  };
  const needsRoom = (): void => {
    if (troubles.isFull) throw new HostError('No space left on device');
  };
  return mortal(troubles, {
    ...host,
    lock: async (path, timeoutMs, onWait, isShared) => {
      if (troubles.locksHeld > 0 && /lock-\d+\.conf$|pve-config-\d+\.lock$/.test(path)) {
        troubles.locksHeld -= 1;
        onWait?.();
        await host.sleep(timeoutMs);
        return undefined;
      }
      return await host.lock(path, timeoutMs, onWait, isShared);
    },
    files: {
      ...host.files,
      write: async (path, text, mode) => {
        refuseCluster(path);
        await host.files.write(path, text, mode);
      },
      remove: async (path) => {
        refuseCluster(path);
        await host.files.remove(path);
      },
      rename: async (from, to) => {
        refuseCluster(to);
        await host.files.rename(from, to);
      },
    },
    volumes: {
      ...host.volumes,
      allocate: async (volume, shape) => {
        needsRoom();
        await host.volumes.allocate(volume, shape);
      },
      copy: async (source, snapshot, target) => {
        needsRoom();
        return await host.volumes.copy(source, snapshot, target);
      },
      cloneLinked: async (source, snapshot, target, vmid) => {
        needsRoom();
        await host.volumes.cloneLinked(source, snapshot, target, vmid);
      },
    },
    guests: {
      ...host.guests,
      install: async (launch, archive) => {
        needsRoom();
        return await host.guests.install(launch, archive);
      },
    },
  });
}

/** The host until it goes down; whoever waits for it then waits for ever. */
function mortal(troubles: Troubles, host: Host): Host {
  const group = <Group extends object>(calls: Group): Group =>
    new Proxy(calls, {
      get: (target, name, receiver): unknown => {
        const call: unknown = Reflect.get(target, name, receiver);
        if (typeof call !== 'function') return call;
        return (...values: readonly unknown[]): unknown =>
          troubles.isDown ? new Promise(() => {}) : Reflect.apply(call, target, values);
      },
    });
  const { files, volumes, guests, machines, appliances } = host;
  return {
    ...host,
    lock: group({ lock: host.lock }).lock,
    sleep: group({ sleep: host.sleep }).sleep,
    beginTask: group({ beginTask: host.beginTask }).beginTask,
    files: group(files),
    volumes: group(volumes),
    guests: group(guests),
    ...(machines && { machines: group(machines) }),
    appliances: group(appliances),
  };
}
