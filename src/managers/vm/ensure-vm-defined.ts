import type { StepAnswer } from '../../model/step.ts';
import { planDefined } from '../guest/defined.ts';
import { cloneWork } from './clone-vm.ts';
import { createWork } from './create-vm.ts';
import { halfMadeTemplate } from './half-made-template.ts';
import { VM_HUSK } from './husk.ts';
import { imagePaths } from './image.ts';
import type { VmStep } from './input.ts';
import { storagesOf } from './storages.ts';

/** Makes the VM where there is none, or finds that the one that is there is ours and whole. */
export const ensureVmDefined: VmStep = {
  name: 'ensure_vm_defined',
  needs: (desired) => ({
    paths: desired.cloneFrom ? [] : imagePaths(desired.image),
    volumesOf: storagesOf(desired),
  }),
  plan: (input): StepAnswer =>
    halfMadeTemplate(input) ??
    planDefined(input, {
      make: (asked) => (asked.desired.cloneFrom ? cloneWork(asked) : createWork(asked)),
      husk: VM_HUSK,
      storages: storagesOf(input.desired),
    }),
};
