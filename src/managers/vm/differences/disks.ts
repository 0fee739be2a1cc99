import type { DesiredDisk } from '../../../model/desired.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { storageGate } from '../../../pve/gates.ts';
import { firstDisk, isCdrom, parseDrive, storageOf } from '../../../pve/qemu/drives.ts';
import { isSameProperty, printProperties, type Properties } from '../../../pve/property-string.ts';
import type { Difference } from '../../guest/difference.ts';
import { recordOf } from '../../guest/input.ts';
import { joinProperties } from '../../guest/join-properties.ts';
import type { PresentVm } from '../input.ts';
import { formatOn } from '../storages.ts';
import { declaredDisk, newDisk, newFirmwareDisk } from '../wanted/disks.ts';
import { slotDifference, slotRemoval, type Slot } from './slots.ts';

/**
 * Disks beside the first that differ, slot by slot. A new one is allocated; a volume that is there is
 * kept, whatever its name; what Phoenix put there and the folder no longer has is detached, and freed by
 * nobody. Their sizes are looked after apart.
 */
export function diskDifferences(input: PresentVm): readonly Difference[] {
  const { desired, guest, folder } = input;
  const wanted = new Set(desired.disks.map(({ slot }) => slot));
  const removed = (recordOf(guest, folder.folderId).disks ?? []).filter((slot) => !wanted.has(slot));
  const kept = mustBoot(input, new Set([...wanted, ...removed]));
  return [
    ...desired.disks
      .filter(({ slot }) => !holdsTray(input, slot))
      .flatMap((disk) => slotDifference(input, slotOf(input, disk))),
    ...firmwareDisk(input),
    ...removed
      .filter((slot) => slot !== kept && !holdsTray(input, slot))
      .flatMap((key) => slotRemoval(input, { key, what: 'disk', liveEffect: 'detaches-volume' })),
  ];
}

/** Does a CD drive stand in the slot, that of Cloud-Init included? It can't become a disk. */
export function holdsTray({ guest }: PresentVm, slot: string): boolean {
  const text = guest.config.head.keys.get(slot) ?? effectiveKeys(guest.config).get(slot);
  return text !== undefined && isCdrom(parseDrive(text));
}

/** The disk that it boots from where there is no other: it is never taken away. */
function mustBoot({ guest }: PresentVm, further: ReadonlySet<string>): string | undefined {
  const keys = effectiveKeys(guest.config);
  return firstDisk(keys, further) === undefined ? firstDisk(keys) : undefined;
}

function slotOf({ observed }: PresentVm, disk: DesiredDisk): Slot {
  const declared = declaredDisk(disk);
  return {
    key: disk.slot,
    what: 'disk',
    parse: parseDrive,
    isSatisfied: (current) => isSatisfied(current, declared),
    fresh: () => {
      const value = newDisk(disk, formatOn(disk.storage, observed.node));
      return { value, text: value, gates: [storageGate(disk.storage)] };
    },
    changed: (current) => {
      const parts = new Map([...current, ...declared]);
      parts.delete('file');
      return {
        value: joinProperties([['', { fill: 'volume', of: disk.slot }], ...parts]),
        text: printProperties(new Map([['file', current.get('file') ?? ''], ...parts]), 'file'),
      };
    },
    liveEffect: () => 'live',
  };
}

function isSatisfied(current: Properties, declared: Properties): boolean {
  return [...declared].every(([part, value]) => {
    const found = current.get(part) ?? DEFAULTS.get(part);
    return isSameProperty(part, found, value);
  });
}

/** What Proxmox takes for parts that a disk does not have (PVE::QemuServer::Drive). */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['backup', '1'],
  ['cache', 'none'],
  ['discard', 'ignore'],
  ['iothread', '0'],
  ['ssd', '0'],
]);

/** OVMF without a disk of its own forgets at each stop what it was told. */
function firmwareDisk(input: PresentVm): readonly Difference[] {
  const { desired, guest, observed } = input;
  const keys = effectiveKeys(guest.config);
  if (desired.bios !== 'ovmf' || keys.has('efidisk0')) return [];
  const storage = desired.storage ?? storageOf(parseDrive(keys.get(firstDisk(keys) ?? '') ?? ''));
  if (storage === undefined) return [];
  const value = newFirmwareDisk(storage, formatOn(storage, observed.node));
  const slot: Slot = {
    key: 'efidisk0',
    what: 'disk',
    parse: parseDrive,
    isSatisfied: () => true,
    fresh: () => ({ value, text: value, gates: [storageGate(storage)] }),
    changed: () => ({ value, text: value }),
    liveEffect: () => 'live',
  };
  return slotDifference(input, slot);
}
