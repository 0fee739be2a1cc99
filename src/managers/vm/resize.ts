import type { DesiredVm } from '../../model/desired.ts';
import { pendingDeletes } from '../../pve/effective.ts';
import { firstDisk, parseDrive, storageOf } from '../../pve/qemu/drives.ts';
import { parseSize } from '../../pve/size.ts';
import type { Difference } from '../guest/difference.ts';
import { GIB, type SizedDisk } from '../guest/grow.ts';
import { recordOf } from '../guest/input.ts';
import { revertPending } from './differences/revert-pending.ts';
import type { PresentVm } from './input.ts';

/** The disks whose size the folder says, as they are now: the first one and those in their slots. */
export function sizedDisks({ guest, desired, folder }: PresentVm): readonly SizedDisk[] {
  const further = [
    ...desired.disks.map(({ slot }) => slot),
    ...(recordOf(guest, folder.folderId).disks ?? []),
  ];
  const first = firstDisk(guest.config.head.keys, new Set(further));
  return sizesIn(guest.config.head.keys, desired, first);
}

/** The disks that a copy of a VM with these keys will have, and whose size the folder says. */
export function sizedCopies(keys: ReadonlyMap<string, string>, desired: DesiredVm): readonly SizedDisk[] {
  return sizesIn(keys, desired, firstDisk(keys));
}

function sizesIn(
  keys: ReadonlyMap<string, string>,
  { diskGiB, disks }: DesiredVm,
  first: string | undefined,
): readonly SizedDisk[] {
  const wanted = [
    ...(first === undefined || diskGiB === undefined ? [] : [{ slot: first, sizeGiB: diskGiB }]),
    ...disks,
  ];
  return wanted.flatMap(({ slot, sizeGiB }) => {
    const drive = parseDrive(keys.get(slot) ?? '');
    const [isBytes, storage] = [parseSize(drive.get('size') ?? ''), storageOf(drive)];
    if (isBytes === undefined || storage === undefined) return [];
    return [{ key: slot, place: slot, storage, isBytes, wanted: sizeGiB * GIB }];
  });
}

/**
 * The differences that may be closed now, beside disks that grow. What waits for the next start of a
 * running VM carries the size that its disk had: it would bring that back. So what waits is taken back
 * first, and asked for again when the disk has its size.
 */
export function besideGrowth(input: PresentVm, differences: readonly Difference[]): readonly Difference[] {
  const { guest } = input;
  const growing = new Set(
    guest.running
      ? sizedDisks(input).flatMap(({ key, isBytes, wanted }) => (isBytes < wanted ? [key] : []))
      : [],
  );
  if (growing.size === 0) return differences;
  const others = differences.filter(({ action }) => !growing.has(action.key) || action.kind !== 'set');
  const taken = new Set(others.map(({ action }) => action.key));
  const waiting = [...growing].filter((key) => guest.config.pending?.keys.has(key) && !taken.has(key));
  return [...others, ...waiting.map((key) => revertPending(input, key, `disk ${key}`))];
}

/** Disks that can grow now: not those that are about to go at the next start. */
export function growable({ guest }: PresentVm, disks: readonly SizedDisk[]): readonly SizedDisk[] {
  const going = pendingDeletes(guest.config);
  return disks.filter(({ key }) => !going.has(key));
}
