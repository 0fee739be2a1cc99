import type { ObservedGuest } from '../../model/observation.ts';
import type { PveOperation } from '../../model/operation.ts';
import { wordsOf } from './words.ts';

/** `pct rescan` or `qm rescan`: sizes in the config as the disks have them, volumes that nothing names as `unusedN`. */
export function rescan(
  { vmid, kind }: Pick<ObservedGuest, 'vmid' | 'kind'>,
  changes: readonly string[],
): PveOperation {
  const { tool, configure: step } = wordsOf(kind);
  return {
    op: 'pve',
    target: vmid,
    step,
    changes,
    gates: [],
    call: `${tool} rescan`,
    params: { vmid },
  };
}
