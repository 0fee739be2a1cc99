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

/** The drive of a disk that is not there yet: the call that carries it allocates it. */
export function newDisk(disk: DesiredDisk): string {
  return printProperties(
    new Map([['file', `${disk.storage}:${disk.sizeGiB}`], ...declaredDisk(disk)]),
    'file',
  );
}
