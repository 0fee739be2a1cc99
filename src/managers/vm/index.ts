import type { DesiredVm } from '../../model/desired.ts';
import { NOTHING } from '../../model/step.ts';
import { applyFeatures } from '../guest/apply-features.ts';
import { machinesOf, type Machines } from '../guest/machines.ts';
import { runApplicationScript } from '../guest/run-application-script.ts';
import { runHealthCheck } from '../guest/run-health-check.ts';
import { finalize } from './finalize.ts';
import type { VmInput, VmStep } from './input.ts';

/* Making one is not there yet: the machine says so and does nothing. */
const validateInputs: VmStep = {
  name: 'validate_inputs',
  plan: ({ desired }: VmInput) => ({
    ...NOTHING,
    diagnostics: [
      {
        code: 'vm/not-yet',
        severity: 'error',
        summary: 'virtual machines can not be managed yet',
        detail: `"${desired.name}" is a virtual machine: its definition is checked, and nothing is done to it.`,
        remedy: 'Leave it out: phoenix converge lxc',
        position: desired.position,
        target: desired.vmid,
      },
    ],
  }),
};

/** The state machines of virtual machines. */
export const vmMachines: Machines<DesiredVm> = machinesOf<DesiredVm>('vm', {
  converge: [validateInputs, applyFeatures, runApplicationScript, runHealthCheck, finalize],
  start: [],
});
