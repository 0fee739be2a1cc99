import type { DesiredPool } from '../../../model/desired-host.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { ObservedDisk, ObservedPool } from '../../../model/observed-host.ts';
import type { HostInput, Part } from '../part.ts';
import { finding } from '../operations.ts';
import { describeDisk, fingerprintOf, usesOf } from './blank.ts';
import { zfs } from './operations.ts';
import { WIPE_DISK } from './wipe-disk.ts';

type Chosen = { readonly path: string; readonly disk: ObservedDisk };

/**
 * What stands between a pool and its disks. A disk that carries anything is wiped only where data may
 * be destroyed and this very disk is named by its serial; one that is in use is never wiped.
 */
export function wipes(
  { consent }: HostInput,
  pool: DesiredPool,
  chosen: readonly Chosen[],
  imported: readonly ObservedPool[],
): { readonly part: Part; readonly isClear: boolean } {
  const carrying = chosen.filter(({ disk }) => disk.findings.length > 0);
  const known = new Set(imported.map(({ name }) => name));
  const busy = chosen.filter(({ disk }) => isBusy(disk, known));
  const mayWipe = ({ disk }: Chosen): boolean =>
    disk.serial !== undefined &&
    consent.allows('destroys-data', 'node') &&
    (consent.wipeDisks ?? []).includes(disk.serial);
  const refused = carrying.filter((one) => !mayWipe(one));
  const isClear = refused.length === 0 && busy.length === 0;
  return {
    isClear,
    part: {
      changes: carrying.map(({ path, disk }) =>
        zfs.change(attributeOf(path), whatIsOn(disk), `blank, for the pool ${pool.name}`, 'destroys-data'),
      ),
      operations: isClear ? carrying.map(wipe) : [],
      diagnostics: [
        ...(busy.length > 0 ? [inUse(pool.name, busy)] : []),
        ...(refused.length > 0 && busy.length === 0 ? [notBlank(pool.name, refused)] : []),
      ],
    },
  };
}

function isBusy(disk: ObservedDisk, imported: ReadonlySet<string>): boolean {
  const isInPool = disk.findings.some(({ found, label = '' }) => found === 'pool' && imported.has(label));
  return isInPool || usesOf(disk).length > 0;
}

function attributeOf(path: string): string {
  return `disk ${path}`;
}

function whatIsOn({ findings }: ObservedDisk): string {
  return [...new Set(findings.map(({ what }) => what))].join(', ');
}

function wipe({ path, disk }: Chosen) {
  const { serial = '' } = disk;
  return zfs.script(
    [attributeOf(path)],
    { ...WIPE_DISK, args: [path, disk.name, serial, fingerprintOf(disk)] },
    { title: `wipe ${path} (serial ${serial})` },
  );
}

function notBlank(pool: string, refused: readonly Chosen[]): Diagnostic {
  const serials = refused.flatMap(({ disk }) => disk.serial ?? []);
  const isNameable = serials.length === refused.length;
  return finding('warning', 'disk-not-blank', {
    summary: `The pool ${pool} is not made: its disks are not blank`,
    detail: refused.map(({ path, disk }) => describeDisk(path, disk)).join('\n'),
    remedy: isNameable
      ? `Name other disks. Or, if everything on these very disks may be lost for good:\n    phoenix setup zfs --allow destroys-data ${serials
          .map((serial) => `--wipe-disk ${serial}`)
          .join(' ')}`
      : 'Name other disks. Phoenix wipes no disk without a serial number that could be named.',
  });
}

function inUse(pool: string, busy: readonly Chosen[]): Diagnostic {
  return finding('warning', 'disk-in-use', {
    summary: `The pool ${pool} is not made: its disks are in use, or cannot be read`,
    detail: busy.map(({ path, disk }) => describeDisk(path, disk)).join('\n'),
    remedy:
      'Name other disks, or end their use by hand. Phoenix wipes no disk that is in use or cannot be read.',
  });
}
