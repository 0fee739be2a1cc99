import type { Diagnostic } from '../../model/diagnostic.ts';
import { parseSize } from '../../pve/size.ts';
import { GIB, growWork, shrinkDiagnostics as shrinkOf, type SizedDisk } from '../guest/grow.ts';
import type { Work } from '../guest/work.ts';
import { findMount, isBind, parseMount } from './differences/mounts.ts';
import type { PresentInput } from './input.ts';
import { normalizePath } from './wanted/mounts.ts';

/** Grows what is smaller than the folder says; `isFirst`: nothing before it in this pass changes the config. */
export function resizeWork(input: PresentInput, isFirst: boolean): Work {
  return growWork(input, disks(input), isFirst);
}

/** Errors for disks that are larger than the folder says. */
export function shrinkDiagnostics(input: PresentInput): readonly Diagnostic[] {
  return shrinkOf(input, disks(input));
}

function disks({ desired, guest }: PresentInput): readonly SizedDisk[] {
  const { keys } = guest.config.head;
  const rootfs = { key: 'rootfs', place: '/', sizeGiB: desired.rootfsGiB };
  const volumes = desired.volumes.map(({ path, sizeGiB }) => ({
    key: findMount(keys, normalizePath(path)),
    place: normalizePath(path),
    sizeGiB,
  }));
  return [rootfs, ...volumes].flatMap(({ key, place, sizeGiB }) => {
    const text = key === undefined ? undefined : keys.get(key);
    if (key === undefined || text === undefined || sizeGiB === undefined) return [];
    const mount = parseMount(text);
    const isBytes = parseSize(mount.get('size') ?? '');
    if (isBind(mount) || isBytes === undefined) return [];
    const storage = mount.get('volume')?.split(':', 1)[0] ?? '';
    return [{ key, place, storage, isBytes, wanted: sizeGiB * GIB }];
  });
}
