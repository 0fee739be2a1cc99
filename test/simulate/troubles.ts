import { HostError, type Host } from '../../src/twin/host.ts';

/** What is wrong with a node for a while. */
export type Troubles = {
  /** The cluster lost its quorum: nothing below /etc/pve can be written (pmxcfs.adoc). */
  isInquorate: boolean;
  /** No storage takes anything more. */
  isFull: boolean;
  /** Another tool holds every guest's lock: how many waits for one it outlasts. */
  locksHeld: number;
};

export function noTroubles(): Troubles {
  return { isInquorate: false, isFull: false, locksHeld: 0 };
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
  return {
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
  };
}
