import type { ObservedGuest } from '../../model/observation.ts';
import type { Operation } from '../../model/operation.ts';
import { isDrive } from './drives.ts';
import type { PresentGuest } from './input.ts';
import { rescan } from './rescan.ts';
import { namesVolume, volumesOf } from './volumes-of.ts';
import { NO_WORK, type Work } from './work.ts';
import { wordsOf } from './words.ts';

/**
 * A `pct set` or `qm set` that was killed may have allocated a volume and not yet named it. It is put into the
 * config as unused, where people see it and decide: Phoenix frees no disk.
 */
export function strayVolumeWork({ guest, observed }: PresentGuest): Work {
  const { vmid } = guest;
  const { configure: step } = wordsOf(guest.kind);
  const isCutShort = observed.node.openEntries.some(
    (line) => line.entry === 'begin' && allocates(line.operation, guest),
  );
  if (!isCutShort) return NO_WORK;
  const isNamed = namesVolume(guest);
  const stray = volumesOf(observed.node.volumes, vmid).filter((volume) => !isNamed(volume));
  if (stray.length === 0) return NO_WORK;
  const attribute = guest.kind === 'lxc' ? 'volumes without a mount' : 'volumes without a drive';
  return {
    ...NO_WORK,
    changes: [
      {
        target: vmid,
        step,
        attribute,
        before: stray.join(', '),
        after: 'kept as unused',
        effect: 'live',
      },
    ],
    operations: [rescan(guest, [attribute])],
  };
}

function allocates(operation: Operation, { vmid, kind }: ObservedGuest): boolean {
  if (operation.op !== 'pve' || operation.vmid !== vmid) return false;
  if (operation.call !== `${wordsOf(kind).tool} set`) return false;
  return Object.entries(operation.params).some(
    ([key, value]) => isDrive(kind, key) && /^[^/:,]+:\d/.test(String(value)),
  );
}
