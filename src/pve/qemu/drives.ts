import { parseProperties, type Properties } from '../property-string.ts';

/** Keys that may hold a drive, in the order in which Proxmox goes through them (PVE::QemuServer::Drive). */
export const DRIVE_KEYS: readonly string[] = [
  ...series('ide', 4),
  ...series('scsi', 31),
  ...series('virtio', 16),
  ...series('sata', 6),
  'efidisk0',
  'tpmstate0',
];

/** Is this a key that holds a drive of a VM? */
export function isDriveKey(key: string): boolean {
  return KEYS.has(key);
}

/** The parts of a drive; its volume (or path, or `none`) stands under `file`. */
export function parseDrive(text: string): Properties {
  const drive = parseProperties(text, 'file');
  const volume = drive.get('volume');
  return volume === undefined || drive.has('file') ? drive : new Map([['file', volume], ...drive]);
}

/** Is it a CD drive, that of Cloud-Init included? */
export function isCdrom(drive: Properties): boolean {
  return drive.get('media') === 'cdrom' || isCloudInitVolume(drive.get('file'));
}

/** The storage that holds a drive's volume; undefined for a path, an empty tray and the host's own CD drive. */
export function storageOf(drive: Properties): string | undefined {
  const file = drive.get('file') ?? '';
  return file.startsWith('/') || !file.includes(':') ? undefined : file.slice(0, file.indexOf(':'));
}

/**
 * The slot of the disk that a VM's image or source brought: the first in its boot order, otherwise in
 * Proxmox's own order, that is a disk and none of those `besides`.
 */
export function firstDisk(
  keys: ReadonlyMap<string, string>,
  besides: ReadonlySet<string> = new Set(),
): string | undefined {
  const legacy = keys.get('bootdisk');
  const inOrder = [...readBootOrder(keys.get('boot')), ...(legacy === undefined ? [] : [legacy])];
  return [...inOrder, ...DRIVE_KEYS].find((key) => {
    const text = keys.get(key);
    if (text === undefined || !/^(?:ide|scsi|virtio|sata)\d+$/.test(key) || besides.has(key)) return false;
    return !isCdrom(parseDrive(text));
  });
}

/** The devices that `boot: order=…` names; none for the older form and for what is not set. */
export function readBootOrder(boot: string | undefined): readonly string[] {
  const order = parseProperties(boot ?? '').get('order') ?? '';
  return order.split(';').filter((device) => device !== '');
}

/** Has a VM with these keys a Cloud-Init drive? */
export function hasCloudInitDrive(keys: ReadonlyMap<string, string>): boolean {
  return [...keys].some(([key, text]) => isDriveKey(key) && isCloudInitVolume(parseDrive(text).get('file')));
}

/** Is it the volume of a Cloud-Init drive, or what asks for one (`local:cloudinit`)? */
function isCloudInitVolume(file: string | undefined): boolean {
  return file !== undefined && /[:/](?:vm-\d+-)?cloudinit(?:\.\w+)?$/.test(file);
}

function series(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

const KEYS: ReadonlySet<string> = new Set(DRIVE_KEYS);
