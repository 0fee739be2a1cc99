import type { PveOperation } from '../../model/operation.ts';

/** `pct rescan`: sizes in the config as the disks have them, volumes that nothing names as `unusedN`. */
export function rescan(vmid: number, changes: readonly string[]): PveOperation {
  return {
    op: 'pve',
    target: vmid,
    step: 'apply_configurations',
    changes,
    gates: [],
    call: 'pct rescan',
    params: { vmid },
  };
}
