import type { RawContainer, RawVm } from '../raw-guest.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkApparmor } from './check-apparmor.ts';
import { checkClones } from './check-clones.ts';
import { checkContainer } from './check-container.ts';
import { checkCycles } from './check-cycles.ts';
import { checkHypervisor } from './check-hypervisor.ts';
import { checkMountOwners } from './check-mount-owners.ts';
import { checkNetwork } from './check-network.ts';
import { checkPciSharing } from './check-pci-sharing.ts';
import { checkReferences } from './check-references.ts';
import { checkScriptInputs } from './check-script-inputs.ts';
import { checkSharing } from './check-sharing.ts';
import { checkVm } from './check-vm.ts';
import { checkVmDefaults } from './check-vm-defaults.ts';
import { checkVmLine } from './check-vm-line.ts';
import type { FolderCheck } from './folder-check.ts';

/** The checks that concern more than one value. Each is linear in the number of guests and references. */
export function checkFolder(check: FolderCheck): void {
  for (const guest of check.guests.values()) {
    if (guest.kind === 'lxc') {
      checkContainer(guest as RawContainer, check.findings);
      checkApparmor(guest as RawContainer, check);
    } else {
      checkVm(guest as RawVm, check.vmDefaults, check.findings);
      checkVmLine(guest as RawVm, check);
    }
    checkScriptInputs(guest, check);
  }
  checkReferences(check);
  checkCycles(check);
  checkClones(check);
  checkAddresses(check);
  checkSharing(check);
  checkPciSharing(check);
  checkVmDefaults(check);
  checkMountOwners(check);
  checkHypervisor(check);
  checkNetwork(check);
}
