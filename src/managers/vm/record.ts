import type { NodeRecord } from '../../model/record.ts';
import { emptyNodeRecord } from '../../pve/node-record.ts';
import { wantedRules } from '../guest/firewall.ts';
import type { VmInput } from './input.ts';

/** What the folder puts into the VM, as a record names it: by its slot what has one. */
export function wantedRecord({ desired }: VmInput): NodeRecord {
  return {
    ...emptyNodeRecord(desired.vmid),
    nics: desired.nics.map(({ slot }) => slot),
    firewallRules: wantedRules(desired),
    disks: desired.disks.map(({ slot }) => slot),
    pciDevices: desired.pciDevices.map(({ slot }) => slot),
  };
}
