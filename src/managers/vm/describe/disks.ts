import { firstDisk, isCdrom, isDriveKey, parseDrive, storageOf } from '../../../pve/qemu/drives.ts';
import type { Properties } from '../../../pve/property-string.ts';
import { parseSize } from '../../../pve/size.ts';
import { definedOnly, flag, unsaid, type Part } from '../../guest/describe/part.ts';

/** The drives of a VM's configuration: its first disk, then the others in their slots. */
export function describeDisks(keys: ReadonlyMap<string, string>): Part {
  const first = firstDisk(keys);
  const drives = [...keys]
    .filter(([key]) => isDriveKey(key))
    .map(([key, text]) => ({ key, text, drive: parseDrive(text) }));
  const root = drives.find(({ key }) => key === first)?.drive;
  const size = root && gibibytes(root);
  const others = drives.filter(({ key }) => key !== first);
  const listed = others.map((one) => ({ ...one, entry: entryOf(one.key, one.drive) }));
  const entries = listed.flatMap(({ entry }) => entry ?? []);
  return {
    keys: {
      storage_pool: root && storageOf(root),
      disk_size_gb: size,
      disks: entries.length === 0 ? undefined : entries,
    },
    remarks: [
      ...(root && size === undefined
        ? [`${first} size ${root.get('size')}: no whole number of GiB; it stays as it is`]
        : []),
      ...(root ? otherParts(first ?? '', root, ['file', 'size']) : []),
      ...listed.flatMap(({ key, text, drive, entry }) =>
        entry ? otherParts(key, drive, TOLD) : [unsaid(`${key} ${text}`)],
      ),
    ],
  };
}

const TOLD = ['file', 'size', 'backup', 'cache', 'discard', 'iothread', 'ssd'];
const SLOT = /^(?:scsi(?:[1-9]|[12]\d|30)|virtio(?:\d|1[0-5])|sata[0-5]|ide[013])$/;

function entryOf(slot: string, drive: Properties): Readonly<Record<string, unknown>> | undefined {
  const storage = storageOf(drive);
  const size = gibibytes(drive);
  if (isCdrom(drive) || storage === undefined || size === undefined || !SLOT.test(slot)) return undefined;
  const discard = drive.get('discard');
  return definedOnly({
    slot,
    size_gb: size,
    storage_pool: storage,
    backup: flag(drive.get('backup')),
    discard: discard === undefined ? undefined : discard === 'on',
    ssd: flag(drive.get('ssd')),
    iothread: flag(drive.get('iothread')),
    cache: drive.get('cache'),
  });
}

function otherParts(key: string, drive: Properties, told: readonly string[]): readonly string[] {
  return [...drive]
    .filter(([part]) => !told.includes(part))
    .map(([part, value]) => unsaid(`${key} ${part}=${value}`));
}

/** Whole GiB; undefined where it is not whole. */
function gibibytes(drive: Properties): number | undefined {
  const bytes = parseSize(drive.get('size') ?? '');
  return bytes !== undefined && bytes > 0 && bytes % 1024 ** 3 === 0 ? bytes / 1024 ** 3 : undefined;
}
