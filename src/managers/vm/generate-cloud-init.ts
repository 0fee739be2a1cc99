import { snippetNeeds } from '../../guest/cloud-init/snippets.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { isFinished } from '../guest/finished.ts';
import { present } from '../guest/input.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { setOperation } from '../guest/set-operation.ts';
import { tooLate } from './cloud-init/diagnostics.ts';
import { driveDifferences } from './cloud-init/drive.ts';
import { keyWork } from './cloud-init/key-work.ts';
import {
  changeOf,
  NO_CLOUD_INIT_WORK,
  STEP,
  type CloudInitVm,
  type CloudInitWork,
} from './cloud-init/machine.ts';
import { placeOf } from './cloud-init/place.ts';
import { snippetWork } from './cloud-init/snippet-work.ts';
import type { VmStep } from './input.ts';

/**
 * Tells the VM's Cloud-Init what the folder says: by documents in snippets where a storage allows
 * them, else by Proxmox's own keys; and gives it a Cloud-Init drive where it has none. What it is told
 * acts at its next start, which is `start_vm`'s.
 */
export const generateCloudInit: VmStep = {
  name: STEP,
  needs: (desired) => (desired.cloudInit ? snippetNeeds(desired) : {}),
  plan: (input): StepAnswer => {
    const vm = present(input);
    if (!vm) return missingGuest(input);
    const { cloudInit } = vm.desired;
    if (!cloudInit || isFinished(vm.guest, vm.desired)) return NOTHING;
    const machine: CloudInitVm = { ...vm, desired: { ...vm.desired, cloudInit } };
    const work = workOf(machine);
    const isRefused = work.diagnostics.some(({ severity }) => severity === 'error');
    const isLeft = isRefused || placeOf(machine).kind === 'too-late';
    const differences = isLeft ? [] : [...work.differences, ...driveDifferences(machine)];
    const set = setOperation(machine.guest, differences);
    return {
      ...NOTHING,
      changes: [...work.changes, ...differences.map(({ change }) => change)],
      operations: [...work.before, ...(set ? [set] : []), ...work.after],
      diagnostics: work.diagnostics,
    };
  },
};

function workOf(vm: CloudInitVm): CloudInitWork {
  const place = placeOf(vm);
  if (place.kind === 'snippets') return snippetWork(vm, place);
  if (place.kind === 'keys') return keyWork(vm, place.hasSnippets);
  const said = {
    attribute: 'Cloud-Init',
    before: undefined,
    after: 'acts only with --reseed',
    effect: 'live',
  } as const;
  return { ...NO_CLOUD_INIT_WORK, changes: [changeOf(vm, said)], diagnostics: [tooLate(vm)] };
}
