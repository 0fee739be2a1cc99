import { NOTHING, type StepAnswer } from '../../model/step.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { isFinished } from '../guest/finished.ts';
import { huskOf } from '../guest/husk.ts';
import { isOurs, present } from '../guest/input.ts';
import { nodeDiagnostics } from '../guest/node-has.ts';
import { VM_HUSK } from './husk.ts';
import type { PresentVm, VmInput, VmStep } from './input.ts';
import { agentDiagnostics } from './needs-agent.ts';
import { mappingDiagnostics, mappingNeeds } from './pci-mappings.ts';
import { snapshotDiagnostics } from './snapshot-storages.ts';
import { standingDiagnostics } from './standing.ts';

/**
 * What can be known before the node is touched: a wish that the node can't fulfil (a storage, a bridge)
 * or that Proxmox refuses (a snapshot of a disk that can have none).
 */
export const validateInputs: VmStep = {
  name: 'validate_inputs',
  needs: mappingNeeds,
  plan: (input): StepAnswer => {
    const vm = present(input);
    if (vm && isFinished(vm.guest, input.desired)) return NOTHING;
    const whole = vm && isWhole(vm) ? vm : undefined;
    return {
      ...NOTHING,
      diagnostics: [
        ...nodeWishes(input, vm),
        ...snapshotDiagnostics(input, whole),
        ...agentDiagnostics(input),
        ...mappingDiagnostics(input),
        ...(whole ? standingDiagnostics(whole) : []),
      ],
    };
  },
};

/** Is it a VM of ours, or to be taken over, and no half-made one that will be made anew? */
function isWhole(vm: PresentVm): boolean {
  const { guest, folder, consent } = vm;
  if (guest.config.head.keys.has('lock') || huskOf(vm, guest, VM_HUSK)) return false;
  return consent.adopt || isOurs(guest, folder.folderId);
}

/** Storages that something is still to be allocated on must be there and take VMs' disks. */
function nodeWishes(input: VmInput, vm: PresentVm | undefined): readonly Diagnostic[] {
  const { desired } = input;
  const keys = vm?.guest.config.head.keys;
  const ofDisks = desired.disks.filter(({ slot }) => keys?.has(slot) !== true).map(({ storage }) => storage);
  const isInherited = keys !== undefined || (desired.cloneFrom && desired.storage === undefined);
  return nodeDiagnostics(input, {
    storages: [...(isInherited ? [] : [desired.storage ?? 'local']), ...ofDisks],
    content: 'images',
    bridges: desired.nics.map(({ bridge }) => bridge),
    bridgeKey: 'network_config.bridge',
  });
}
