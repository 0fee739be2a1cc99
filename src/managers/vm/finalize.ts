import type { Diagnostic } from '../../model/diagnostic.ts';
import type { StepAnswer } from '../../model/step.ts';
import { goldenWork } from '../guest/golden.ts';
import { present } from '../guest/input.ts';
import { finalFormWork } from '../guest/lifecycle-snapshots.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';
import { cleanIdentity } from './clean-identity.ts';
import type { PresentVm, VmStep } from './input.ts';

const STEP = 'finalize';
const SHUTDOWN_SECONDS = 180;

/**
 * Ends what the folder calls a template or a golden VM: what tells it from another is cleaned away
 * inside, then it is shut down, and made a template or given its snapshot; clones of it begin as
 * machines of their own. Takes `final-form` where lifecycle snapshots are wanted.
 */
export const finalize: VmStep = {
  name: STEP,
  plan: (input): StepAnswer => {
    const vm = present(input);
    if (!vm) return missingGuest(input);
    // Golden comes last: afterwards the VM is stopped and finished.
    return { ...joinWork([finalFormWork(vm, STEP), endWork(vm)]), probes: [] };
  },
};

function endWork(vm: PresentVm): Work {
  const { agent } = vm.desired;
  const work = goldenWork(vm, {
    whileRunning: (attribute) => (agent ? cleanIdentity(vm.guest.vmid, { step: STEP, attribute }) : []),
    waiting: SHUTDOWN_SECONDS,
  });
  const isBlind = !agent && work.operations.length > 0;
  return joinWork([work, { ...NO_WORK, diagnostics: isBlind ? [identityKept(vm)] : [] }]);
}

function identityKept({ desired }: PresentVm): Diagnostic {
  return {
    code: 'vm/identity-kept',
    severity: 'warning',
    summary: `clones of ${desired.vmid} will share its machine id and SSH host keys`,
    detail: 'Without a guest agent nothing can be cleaned away inside before it is finished.',
    remedy: 'Let it have an agent ("guest_agent": true), then make it anew.',
    position: desired.position,
    target: desired.vmid,
  };
}
