import { planFeatures } from '../../guest/plan-features.ts';
import type { StepAnswer } from '../../model/step.ts';
import { present } from '../guest/input.ts';
import { preConfiguredWork } from '../guest/lifecycle-snapshots.ts';
import { recordNeeds } from '../guest/record-needs.ts';
import { takenOnce } from '../guest/snapshots.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';
import type { PresentVm, VmStep } from './input.ts';

const STEP = 'apply_features';

/**
 * Installs in the running VM the features that the folder lists, between the two snapshots that it may
 * name; each is taken once, where it doesn't exist. The first is what the VM was before: where features
 * are in it already, it is too late for that one.
 */
export const applyFeatures: VmStep = {
  name: STEP,
  needs: recordNeeds,
  plan: (input): StepAnswer => {
    const features = planFeatures(input);
    const vm = present(input);
    const isStuck = features.diagnostics.some(({ severity }) => severity === 'error');
    const isAsking = features.probes.length > 0 && features.changes.length === 0;
    if (!vm?.guest.running || isStuck || isAsking) return features;
    const before = joinWork([preConfiguredWork(vm, STEP), beforeWork(vm)]);
    const after = features.operations.length === 0 ? afterWork(vm) : NO_WORK;
    return { ...joinWork([before, features, after]), probes: features.probes };
  },
};

function beforeWork(vm: PresentVm): Work {
  const { preFeaturesSnapshot: name, features } = vm.desired;
  const { record } = vm.guest;
  const applied = typeof record === 'string' ? {} : record.features;
  const isLate = features.some((feature) => Object.hasOwn(applied, feature.name));
  return name === undefined || isLate ? NO_WORK : takenOnce(vm.guest, name, STEP);
}

function afterWork(vm: PresentVm): Work {
  const { postFeaturesSnapshot: name } = vm.desired;
  return name === undefined ? NO_WORK : takenOnce(vm.guest, name, STEP);
}
