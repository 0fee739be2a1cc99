import type { ObservedGuest } from '../../model/observation.ts';
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
  return sizesOf(guest, desired, first);
}

/** The same for a VM whose first disk is known to be in the slot `first`. */
export function sizesOf(
  { config }: Pick<ObservedGuest, 'config'>,
  { diskGiB, disks }: DesiredVm,
  first: string | undefined,
): readonly SizedDisk[] {
  const wanted = [
    ...(first === undefined || diskGiB === undefined ? [] : [{ slot: first, sizeGiB: diskGiB }]),
    ...disks,
  ];
  return wanted.flatMap(({ slot, sizeGiB }) => {
    const drive = parseDrive(config.head.keys.get(slot) ?? '');
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
