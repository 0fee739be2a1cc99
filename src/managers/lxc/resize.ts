import type { Diagnostic } from '../../model/diagnostic.ts';
import type { PveOperation } from '../../model/operation.ts';
import { storageGate } from '../../pve/gates.ts';
import { formatSize, parseSize } from '../../pve/size.ts';
import { findMount, isBind, parseMount } from './differences/mounts.ts';
import type { PresentInput } from './input.ts';
import { rescan } from '../guest/rescan.ts';
import { normalizePath } from './wanted/mounts.ts';
import { NO_WORK, type Work } from '../guest/work.ts';

const STEP = 'apply_configurations';
const GIB = 1024 ** 3;

/**
 * Disks that are smaller than the folder says, grown by one `pct resize` each; Proxmox refuses equal
 * sizes. The first carries the config's digest where nothing before it in this pass changes the config.
 */
export function resizeWork(input: PresentInput, isFirst: boolean): Work {
  const target = input.desired.vmid;
  const grown = disks(input).filter(({ isBytes, wanted }) => isBytes < wanted);
  const isCutShort = grown.length > 0 && hasOpenResize(input);
  return {
    ...NO_WORK,
    changes: grown.map(({ path, isBytes, wanted }) => ({
      target,
      step: STEP,
      attribute: `size of ${path}`,
      before: formatSize(isBytes),
      after: formatSize(wanted),
      effect: 'live',
    })),
    operations: [...(isCutShort ? [rescan(input.guest, [])] : []), ...grown.map(resize)],
  };

  function resize({ key, path, wanted, storage }: Disk, at: number): PveOperation {
    const hasDigest = isFirst && at === 0 && !isCutShort;
    return {
      op: 'pve',
      target,
      step: STEP,
      changes: [`size of ${path}`],
      gates: [storageGate(storage)],
      call: 'pct resize',
      vmid: target,
      positional: [key, formatSize(wanted)],
      params: hasDigest ? { digest: { fill: 'digest', of: String(target) } } : {},
    };
  }
}

/** A resize that was killed may have grown the disk and not the size that the config says. */
function hasOpenResize({ observed, guest }: PresentInput): boolean {
  return observed.node.openEntries.some(
    (line) =>
      line.entry === 'begin' &&
      line.operation.op === 'pve' &&
      line.operation.call === 'pct resize' &&
      line.operation.vmid === guest.vmid,
  );
}

/** Errors for disks that are larger than the folder says: Proxmox never shrinks one. */
export function shrinkDiagnostics(input: PresentInput): readonly Diagnostic[] {
  const { desired } = input;
  return disks(input)
    .filter(({ isBytes, wanted }) => isBytes > wanted)
    .map(({ path, isBytes, wanted }) => ({
      code: 'lxc/disk-would-shrink',
      severity: 'error',
      summary: `the disk at ${path} is larger than the folder says`,
      detail: `It has ${formatSize(isBytes)}, the folder wants ${formatSize(wanted)}; Proxmox can't shrink a container's disk.`,
      remedy: `Set its size to at least ${Math.ceil(isBytes / GIB)} (GiB).`,
      position: desired.position,
      target: desired.vmid,
    }));
}

type Disk = {
  readonly key: string;
  readonly path: string;
  readonly storage: string;
  readonly isBytes: number;
  readonly wanted: number;
};

function disks({ desired, guest }: PresentInput): readonly Disk[] {
  const { keys } = guest.config.head;
  const rootfs = { key: 'rootfs', path: '/', sizeGiB: desired.rootfsGiB };
  const volumes = desired.volumes.map(({ path, sizeGiB }) => ({
    key: findMount(keys, normalizePath(path)),
    path: normalizePath(path),
    sizeGiB,
  }));
  return [rootfs, ...volumes].flatMap(({ key, path, sizeGiB }) => {
    const text = key === undefined ? undefined : keys.get(key);
    if (key === undefined || text === undefined || sizeGiB === undefined) return [];
    const mount = parseMount(text);
    const isBytes = parseSize(mount.get('size') ?? '');
    if (isBind(mount) || isBytes === undefined) return [];
    const storage = mount.get('volume')?.split(':', 1)[0] ?? '';
    return [{ key, path, storage, isBytes, wanted: sizeGiB * GIB }];
  });
}
