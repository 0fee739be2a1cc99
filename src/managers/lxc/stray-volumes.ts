import type { Operation } from '../../model/operation.ts';
import type { PresentInput } from './input.ts';
import { rescan } from './rescan.ts';
import { namedVolumes, volumesOf } from './volumes-of.ts';
import { NO_WORK, type Work } from './work.ts';

const STEP = 'apply_configurations';

/**
 * A `pct set` that was killed may have allocated a volume and not yet named it. It is put into the
 * config as unused, where people see it and decide: Phoenix frees no disk.
 */
export function strayVolumeWork({ guest, observed }: PresentInput): Work {
  const { vmid } = guest;
  const isCutShort = observed.node.openEntries.some(
    (line) => line.entry === 'begin' && allocates(line.operation, vmid),
  );
  if (!isCutShort) return NO_WORK;
  const named = namedVolumes(guest);
  const stray = volumesOf(observed.node.volumes, vmid).filter((volume) => !named.has(volume));
  if (stray.length === 0) return NO_WORK;
  const attribute = 'volumes without a mount';
  return {
    ...NO_WORK,
    changes: [
      {
        target: vmid,
        step: STEP,
        attribute,
        before: stray.join(', '),
        after: 'kept as unused',
        effect: 'live',
      },
    ],
    operations: [rescan(vmid, [attribute])],
  };
}

function allocates(operation: Operation, vmid: number): boolean {
  if (operation.op !== 'pve' || operation.call !== 'pct set' || operation.vmid !== vmid) return false;
  return Object.entries(operation.params).some(
    ([key, value]) => /^mp\d+$/.test(key) && /^[^/:,]+:\d/.test(String(value)),
  );
}
