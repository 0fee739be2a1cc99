import type { DesiredGuest } from '../../model/desired.ts';
import type { Needs } from '../../model/node.ts';

/** A step that reads the guest's own record: a VM's is read only where somebody asks. */
export function recordNeeds({ kind, vmid }: DesiredGuest): Partial<Needs> {
  return kind === 'vm' ? { recordsOf: [vmid] } : {};
}
