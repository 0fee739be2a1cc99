import type { DesiredDisk } from '../../../model/desired.ts';
import { definedParts, printProperties, type Properties } from '../../../pve/property-string.ts';

/** What the folder says of a disk, as parts of its drive; a part that it doesn't say is not managed. */
export function declaredDisk({ backup, cache, discard, ioThread, ssd }: DesiredDisk): Properties {
  return definedParts([
    ['backup', backup],
    ['cache', cache],
    ['discard', discard === undefined ? undefined : discard ? 'on' : 'ignore'],
    ['iothread', ioThread],
    ['ssd', ssd],
  ]);
}

/**
 * The drive of a disk that is not there yet: the call that carries it allocates it, in a format where
 * its storage takes several.
 */
export function newDisk(disk: DesiredDisk, format?: string): string {
  const parts = [...declaredDisk(disk), ...definedParts([['format', format]])];
  return printProperties(new Map([['file', `${disk.storage}:${disk.sizeGiB}`], ...parts]), 'file');
}

/**
 * The disk on which OVMF keeps what it is told, such as what to boot. Keys of Microsoft's are left
 * out: with them a guest loads no driver that is built in it.
 */
export function newFirmwareDisk(storage: string, format: string | undefined): string {
  const parts = definedParts([
    ['file', `${storage}:1`],
    ['efitype', '4m'],
    ['pre-enrolled-keys', false],
    ['format', format],
  ]);
  return printProperties(parts, 'file');
}
