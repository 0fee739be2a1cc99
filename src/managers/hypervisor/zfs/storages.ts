import type { DesiredStorage } from '../../../model/desired-host.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { ObservedStorage } from '../../../model/observation.ts';
import { joined, recordOf, type HostInput, type Part } from '../part.ts';
import { finding } from '../operations.ts';
import { zfs } from './operations.ts';

/** Proxmox's storages on datasets: added if missing, their content types set where they differ as sets. */
export function storages(input: HostInput, pools: ReadonlySet<string>): Part {
  const { desired, observed } = input;
  const wanted = desired.storages ?? [];
  if (!observed.node.hasProxmox) return wanted.length === 0 ? {} : { diagnostics: [needsProxmox(wanted)] };
  const ready = wanted.filter(({ dataset }) => pools.has(dataset.split('/')[0] ?? ''));
  const parts = ready.map((storage) => {
    const there = observed.node.storages.get(storage.id);
    return there ? existing(input, storage, there) : added(input, storage);
  });
  return joined([...parts, removed(input)]);
}

function added(input: HostInput, storage: DesiredStorage): Part {
  const { id, type, content } = storage;
  const attribute = `storage ${id}`;
  const place =
    type === 'zfspool' ? { pool: storage.dataset } : { path: placeOf(input, storage), is_mountpoint: 'yes' };
  return {
    changes: [zfs.change(attribute, undefined, `${type} for ${content.join(', ') || 'nothing'}`)],
    operations: [
      zfs.call([attribute], 'pvesm add', [type, id], { ...place, content: content.join(',') || 'none' }),
    ],
    makes: { storages: [id] },
  };
}

function existing(input: HostInput, storage: DesiredStorage, there: ObservedStorage): Part {
  const { id, type, content } = storage;
  const place = type === 'zfspool' ? storage.dataset : placeOf(input, storage);
  const found = type === 'zfspool' ? there.options.get('pool') : there.path;
  if (there.type !== type || found !== place) return { diagnostics: [otherStorage(storage, place, there)] };
  const now = there.content.filter((one) => one !== 'none');
  if (now.length === content.length && content.every((one) => now.includes(one))) return {};
  const attribute = `content of ${id}`;
  return {
    changes: [
      zfs.change(attribute, now.toSorted().join(', ') || 'none', content.toSorted().join(', ') || 'none'),
    ],
    operations: [zfs.call([attribute], 'pvesm set', [id], { content: content.join(',') || 'none' })],
  };
}

/** Where a dataset is mounted: as it is, as the folder says, or where ZFS puts it by itself. */
function placeOf({ desired, observed }: HostInput, { dataset }: DesiredStorage): string {
  const described = desired.zfs?.datasets.find(({ name }) => name === dataset)?.properties.get('mountpoint');
  const found = observed.node.host?.datasets?.get(dataset)?.properties.get('mountpoint')?.value;
  const known = described ?? found;
  return known?.startsWith('/') === true ? known : `/${dataset}`;
}

/** Storages that Phoenix added and the folder no longer has: the entry goes, with consent; the data stays. */
function removed(input: HostInput): Part {
  const { desired, observed, consent } = input;
  const described = new Set((desired.storages ?? []).map(({ id }) => id));
  const dropped = recordOf(input).storages.filter(
    (id) => !described.has(id) && observed.node.storages.has(id),
  );
  return {
    changes: dropped.map((id) =>
      zfs.change(`storage ${id}`, 'added by Phoenix', undefined, 'detaches-volume'),
    ),
    operations: consent.allows('detaches-volume', 'node')
      ? dropped.map((id) => zfs.call([`storage ${id}`], 'pvesm remove', [id], {}))
      : [],
  };
}

function otherStorage({ id, type }: DesiredStorage, place: string, there: ObservedStorage): Diagnostic {
  const found = there.path ?? there.options.get('pool') ?? '?';
  return finding('error', 'storage-is-another', {
    summary: `There is a storage ${id}, and it is another than the folder describes`,
    detail: `The folder: ${type} at ${place}. The host: ${there.type} at ${found}.`,
    remedy: 'Give the storage another id in "proxmox_storage_ids", or remove the other one by hand.',
  });
}

function needsProxmox(wanted: readonly DesiredStorage[]): Diagnostic {
  return finding('notice', 'needs-proxmox', {
    summary: 'Storages are skipped: this host has no Proxmox VE',
    detail: wanted.map(({ id }) => id).join(', '),
  });
}
