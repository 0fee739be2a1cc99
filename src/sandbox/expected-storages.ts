import type { DesiredGuest } from '../model/desired.ts';

/** One entry of `storage.cfg` that a folder takes for granted. */
export type ExpectedStorage = {
  readonly id: string;
  readonly type: 'dir' | 'btrfs' | 'zfspool';
  /** A folder, or for a zfspool its dataset. */
  readonly path: string;
  readonly content: string;
};

/**
 * The storages that guests name. Where the hypervisor configuration defines the dataset behind
 * one, it is made of that kind; otherwise it is a btrfs storage, on which everything works. `local`
 * is always there.
 */
export function expectedStorages(
  guests: readonly DesiredGuest[],
  settings: Readonly<Record<string, unknown>>,
): ExpectedStorage[] {
  const known = datasets(settings);
  const found = new Map<string, ExpectedStorage>([['local', LOCAL]]);
  for (const id of guests.flatMap(storagesOf)) {
    if (!found.has(id)) found.set(id, known.get(id) ?? btrfsStorage(id));
  }
  return [...found.values()];
}

const LOCAL: ExpectedStorage = {
  id: 'local',
  type: 'dir',
  path: '/var/lib/vz',
  content: 'iso,vztmpl,backup,snippets,rootdir,images,import',
};

function storagesOf(guest: DesiredGuest): string[] {
  const own = guest.storage === undefined ? [] : [guest.storage];
  if (guest.kind === 'vm') return [...own, ...guest.disks.map((disk) => disk.storage)];
  const template = guest.template ?? '';
  const ofTemplate =
    template.startsWith('/') || !template.includes(':') ? [] : [template.split(':')[0] ?? ''];
  return [...own, ...guest.volumes.map((volume) => volume.storage), ...ofTemplate];
}

function btrfsStorage(id: string): ExpectedStorage {
  return { id, type: 'btrfs', path: `/var/lib/pve/${id}`, content: 'rootdir,images,vztmpl' };
}

/** Datasets of the hypervisor configuration by the id of the storage that setup makes of them. */
function datasets(settings: Readonly<Record<string, unknown>>): Map<string, ExpectedStorage> {
  const found = new Map<string, ExpectedStorage>();
  const zfs = settings['zfs'] as { datasets?: unknown } | undefined;
  const ids = (settings['proxmox_storage_ids'] ?? {}) as Record<string, unknown>;
  for (const dataset of Array.isArray(zfs?.datasets) ? (zfs.datasets as Record<string, unknown>[]) : []) {
    const { name, pool, proxmox_storage_type: type, proxmox_content_type: content } = dataset;
    if (typeof name !== 'string' || typeof pool !== 'string') continue;
    const override = ids[`${pool}_${name.replaceAll('-', '_')}`];
    const id = typeof override === 'string' ? override : `${pool}-${name}`;
    if (type === 'zfspool') {
      found.set(id, { id, type, path: `${pool}/${name}`, content: 'images,rootdir' });
    } else if (type === 'dir') {
      const contents = typeof content === 'string' && content !== 'none' ? content : 'iso,vztmpl';
      found.set(id, { id, type, path: `/${pool}/${name}`, content: contents });
    }
  }
  return found;
}
