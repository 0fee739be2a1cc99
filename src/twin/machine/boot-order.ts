import { splitList } from '../call/lists.ts';
import type { Section } from '../container/config.ts';
import { DRIVE_KEYS, isCdrom, parseDrive, type Drive } from './drives.ts';

/** What a new VM boots from: its first disk, its first CD drive, its first NIC. */
export function defaultBootOrder(section: Section): string[] {
  const drives = DRIVE_KEYS.filter((key) => key !== 'efidisk0' && key !== 'tpmstate0').flatMap((key) => {
    const value = section.keys.get(key);
    return value === undefined ? [] : [parseDrive(key, value)];
  });
  const first = (wanted: (drive: Drive) => boolean): string[] => drives.filter(wanted).slice(0, 1).map(keyOf);
  const nic = NIC_KEYS.find((key) => section.keys.has(key));
  return [
    ...first((drive) => !isCdrom(drive)),
    ...first((drive) => isCdrom(drive)),
    ...(nic === undefined ? [] : [nic]),
  ];
}

export function printBootOrder(keys: readonly string[]): string {
  return keys.length === 0 ? '' : `order=${keys.join(';')}`;
}

/** The devices that `boot: order=…` names; none for the older form and for what is not set. */
export function readBootOrder(boot: string | undefined): string[] {
  const order = boot
    ?.split(',')
    .find((part) => part.startsWith('order='))
    ?.slice('order='.length);
  return splitList(order ?? '');
}

/** The size of the first disk that a VM boots from, in bytes; undefined where it has none. */
export function bootDiskBytes(section: Section): number | undefined {
  return bootDisk(section)?.sizeBytes;
}

/** The first disk that a VM boots from. */
export function bootDisk(section: Section): Drive | undefined {
  const order = readBootOrder(section.keys.get('boot'));
  const legacy = section.keys.get('bootdisk');
  const named = order.length === 0 && legacy !== undefined ? [legacy] : order;
  for (const key of named.filter((name) => DRIVE_KEYS.includes(name))) {
    const value = section.keys.get(key);
    if (value === undefined) continue;
    const drive = parseDrive(key, value);
    if (!isCdrom(drive) && drive.file !== '') return drive;
  }
  return undefined;
}

const NIC_KEYS = Array.from({ length: 32 }, (_, index) => `net${index}`);

function keyOf(drive: Drive): string {
  return drive.key;
}
