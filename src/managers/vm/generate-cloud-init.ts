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
import { placeOf, type Place } from './cloud-init/place.ts';
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
    const place = placeOf(machine);
    const work = workOf(machine, place);
    const isRefused = work.diagnostics.some(({ severity }) => severity === 'error');
    const isTold = place.kind === 'snippets' || place.kind === 'keys';
    const differences = isTold && !isRefused ? [...work.differences, ...driveDifferences(machine)] : [];
    const set = setOperation(machine.guest, differences);
    return {
      ...NOTHING,
      changes: [...work.changes, ...differences.map(({ change }) => change)],
      operations: [...work.before, ...(set ? [set] : []), ...work.after],
      diagnostics: work.diagnostics,
    };
  },
};

function workOf(vm: CloudInitVm, place: Place): CloudInitWork {
  switch (place.kind) {
    case 'snippets':
      return snippetWork(vm, place);
    case 'keys':
      return keyWork(vm, place.hasSnippets);
    case 'nothing-to-say':
      return NO_CLOUD_INIT_WORK;
    case 'too-late':
      return { ...NO_CLOUD_INIT_WORK, changes: [leftChange(vm)], diagnostics: [tooLate(vm)] };
  }
}

function leftChange(vm: CloudInitVm) {
  const after = 'acts only with --reseed';
  return changeOf(vm, { attribute: 'Cloud-Init', before: undefined, after, effect: 'live' });
}
