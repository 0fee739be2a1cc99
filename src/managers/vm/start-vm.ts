import { snippetNeeds } from '../../guest/cloud-init/snippets.ts';
import type { StepAnswer } from '../../model/step.ts';
import { isFinished } from '../guest/finished.ts';
import { present } from '../guest/input.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { isLeftStopped, leftStopped, neverStarted, restartWork, startWork } from '../guest/power.ts';
import { joinWork, type Work } from '../guest/work.ts';
import type { PresentVm, VmStep } from './input.ts';
import { tidyMachineRecord } from './record.ts';
import { waitFor } from './wait.ts';
import { waitingChanges } from './waiting.ts';

const STEP = 'start_vm';
const SHUTDOWN_SECONDS = 180;
const RUNNING_MS = 60_000;

/**
 * Starts the VM. Where it runs with something waiting for a restart, Cloud-Init's documents included, it
 * is restarted once for all of it, if that is allowed; otherwise that is left.
 */
export const startVm: VmStep = {
  name: STEP,
  needs: (desired) => (desired.cloudInit ? snippetNeeds(desired) : {}),
  plan: (input): StepAnswer => {
    const vm = present(input);
    if (!vm) return missingGuest(input);
    if (isFinished(vm.guest, vm.desired)) return neverStarted(vm);
    if (isLeftStopped(vm)) return leftStopped(vm);
    const work = vm.guest.running ? whileRunning(vm) : startWork(vm, [untilRunning(vm)]);
    return { ...work, probes: [] };
  },
};

function whileRunning(vm: PresentVm): Work {
  const restart = restartWork(vm, waitingChanges(vm), {
    seconds: SHUTDOWN_SECONDS,
    waits: [untilRunning(vm)],
  });
  return restart.operations.length > 0 ? restart : joinWork([restart, tidyMachineRecord(vm, STEP)]);
}

function untilRunning({ guest }: PresentVm) {
  return waitFor(guest.vmid, 'running', { step: STEP, timeoutMs: RUNNING_MS });
}
