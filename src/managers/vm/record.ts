import type { NodeRecord } from '../../model/record.ts';
import { effectiveKeys } from '../../pve/effective.ts';
import { emptyNodeRecord } from '../../pve/node-record.ts';
import { wantedRules } from '../guest/firewall.ts';
import { firewallRuleIsHere, tidyRecord } from '../guest/keep-record.ts';
import type { Work } from '../guest/work.ts';
import type { PresentVm, VmInput } from './input.ts';

/** What the folder puts into the VM, as a record names it. */
export function wantedRecord({ desired }: VmInput): NodeRecord {
  return {
    ...emptyNodeRecord(desired.vmid),
    disks: desired.disks.map(({ slot }) => slot),
    nics: desired.nics.map(({ slot }) => slot),
    pciDevices: desired.pciDevices.map(({ slot }) => slot),
    firewallRules: wantedRules(desired),
  };
}

/** The VM's record without what the folder no longer has and that is gone from it. */
export function tidyMachineRecord(input: PresentVm, step: string): Work {
  const { config } = input.guest;
  const later = effectiveKeys(config);
  const isSlotTaken = (slot: string): boolean => config.head.keys.has(slot) || later.has(slot);
  const isHere = {
    disks: isSlotTaken,
    nics: isSlotTaken,
    pciDevices: isSlotTaken,
    firewallRules: firewallRuleIsHere(input.guest),
  };
  return tidyRecord(input, { wanted: wantedRecord(input), isHere, step });
}
