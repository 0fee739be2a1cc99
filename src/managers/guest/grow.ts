import type { Diagnostic } from '../../model/diagnostic.ts';
import type { PveOperation } from '../../model/operation.ts';
import { storageGate } from '../../pve/gates.ts';
import { formatSize } from '../../pve/size.ts';
import type { PresentGuest } from './input.ts';
import { rescan } from './rescan.ts';
import { wordsOf } from './words.ts';
import { NO_WORK, type Work } from './work.ts';

/** A disk of a guest, how large it is and how large the folder wants it, in bytes. */
export type SizedDisk = {
  readonly key: string;
  /** What it is known by: where it is mounted, or its slot. */
  readonly place: string;
  readonly storage: string;
  readonly isBytes: number;
  readonly wanted: number;
};

/** Bytes of a GiB, the unit of sizes in the folder. */
export const GIB = 1024 ** 3;

/**
 * Disks that are smaller than the folder says, grown by one `pct resize` or `qm resize` each. The first
 * carries the config's digest where nothing before it in this pass changes the config.
 */
export function growWork(input: PresentGuest, disks: readonly SizedDisk[], isFirst: boolean): Work {
  const { guest } = input;
  const target = guest.vmid;
  const { tool, configure: step } = wordsOf(guest.kind);
  const grown = disks.filter(({ isBytes, wanted }) => isBytes < wanted);
  const isCutShort = grown.length > 0 && hasOpenResize(input);
  return {
    ...NO_WORK,
    changes: grown.map(({ place, isBytes, wanted }) => ({
      target,
      step,
      attribute: `size of ${place}`,
      before: formatSize(isBytes),
      after: formatSize(wanted),
      effect: 'live',
    })),
    operations: [...(isCutShort ? [rescan(guest, [])] : []), ...grown.map(resize)],
  };

  function resize({ key, place, wanted, storage }: SizedDisk, at: number): PveOperation {
    const hasDigest = isFirst && at === 0 && !isCutShort;
    return {
      op: 'pve',
      target,
      step,
      changes: [`size of ${place}`],
      gates: [storageGate(storage)],
      call: `${tool} resize`,
      vmid: target,
      positional: [key, formatSize(wanted)],
      params: hasDigest ? { digest: { fill: 'digest', of: String(target) } } : {},
    };
  }
}

/** A resize that was killed may have grown the disk and not the size that the config says. */
function hasOpenResize({ observed, guest }: PresentGuest): boolean {
  return observed.node.openEntries.some(
    (line) =>
      line.entry === 'begin' &&
      line.operation.op === 'pve' &&
      line.operation.call === `${wordsOf(guest.kind).tool} resize` &&
      line.operation.vmid === guest.vmid,
  );
}

/** Errors for disks that are larger than the folder says: Proxmox never shrinks one. */
export function shrinkDiagnostics(
  { desired }: Pick<PresentGuest, 'desired'>,
  disks: readonly SizedDisk[],
): readonly Diagnostic[] {
  return disks
    .filter(({ isBytes, wanted }) => isBytes > wanted)
    .map(({ place, isBytes, wanted }) => ({
      code: `${desired.kind}/disk-would-shrink`,
      severity: 'error',
      summary: `the disk at ${place} is larger than the folder says`,
      detail: `It has ${formatSize(isBytes)}, the folder wants ${formatSize(wanted)}; Proxmox never shrinks a disk.`,
      remedy: `Set its size to at least ${Math.ceil(isBytes / GIB)} (GiB).`,
      position: desired.position,
      target: desired.vmid,
    }));
}
