import type { StepAnswer } from '../../model/step.ts';
import { isAllowed } from '../guest/difference.ts';
import { firewallWork } from '../guest/firewall.ts';
import { growWork } from '../guest/grow.ts';
import { present } from '../guest/input.ts';
import { announceRecord } from '../guest/keep-record.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { inOrderOfProtection } from '../guest/protection.ts';
import { setOperation } from '../guest/set-operation.ts';
import { strayVolumeWork } from '../guest/stray-volumes.ts';
import { unusedVolumeDiagnostics } from '../guest/unused-volumes.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';
import { configurationDifferences } from './differences/all.ts';
import type { PresentVm, VmStep } from './input.ts';
import { tidyMachineRecord, wantedRecord } from './record.ts';
import { besideGrowth, growable, sizedDisks } from './resize.ts';
import { standingDiagnostics } from './standing.ts';

const STEP = 'apply_vm_configurations';

/**
 * Makes the VM's configuration what the folder says: one `qm set` with exactly the keys that differ,
 * then what it can't say (sizes, the firewall file). What a running VM doesn't take at once waits for its
 * next start.
 */
export const applyVmConfigurations: VmStep = {
  name: STEP,
  plan: (input): StepAnswer => {
    const vm = present(input);
    if (!vm) return missingGuest(input);
    const set = setWork(vm);
    const work = joinWork([
      announceRecord(vm, wantedRecord(vm), STEP),
      set,
      growWork(vm, growable(vm, sizedDisks(vm)), set.operations.length === 0),
      firewallWork(vm),
    ]);
    // What is gone shows only after the calls that take it away have run.
    const rest =
      work.operations.length === 0 ? joinWork([strayVolumeWork(vm), tidyMachineRecord(vm, STEP)]) : NO_WORK;
    return { ...joinWork([work, rest]), probes: [] };
  },
};

function setWork(vm: PresentVm): Work {
  const differences = configurationDifferences(vm);
  const allowed = differences.filter((one) => isAllowed(one, vm));
  const now = inOrderOfProtection(vm, besideGrowth(vm, allowed));
  const set = setOperation(vm.guest, now);
  return {
    changes: [...new Set([...differences, ...now])].map(({ change }) => change),
    operations: set ? [set] : [],
    diagnostics: [...standingDiagnostics(vm), ...unusedVolumeDiagnostics(vm, now)],
  };
}
