import type { DesiredVm } from '../../model/desired.ts';
import type { Observation } from '../../model/observation.ts';

/** The storages that a VM's disks go to, the first disk's first; where the folder names none, Proxmox's `local`. */
export function storagesOf({ storage, disks }: DesiredVm): readonly string[] {
  return [...new Set([storage ?? 'local', ...disks.map((disk) => disk.storage)])];
}

/**
 * The format that a new disk needs on a storage, where the one that Proxmox takes by itself can have no
 * snapshots: a file on a directory is raw otherwise.
 */
export function formatOn(id: string, { storages }: Observation): string | undefined {
  const type = storages.get(id)?.type ?? '';
  return ['dir', 'nfs', 'cifs', 'glusterfs', 'cephfs'].includes(type) ? 'qcow2' : undefined;
}
