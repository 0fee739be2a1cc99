import type { DesiredVm } from '../../model/desired.ts';
import { machinesOf, type Machines } from '../guest/machines.ts';
import { runApplicationScript } from '../guest/run-application-script.ts';
import { runHealthCheck } from '../guest/run-health-check.ts';
import { applyFeatures } from './apply-features.ts';
import { applyVmConfigurations } from './apply-vm-configurations.ts';
import { ensureVmDefined } from './ensure-vm-defined.ts';
import { finalize } from './finalize.ts';
import { generateCloudInit } from './generate-cloud-init.ts';
import { startVm } from './start-vm.ts';
import { validateInputs } from './validate-inputs.ts';
import { waitForGuestAgent } from './wait-for-guest-agent.ts';

/** The state machines of virtual machines. */
export const vmMachines: Machines<DesiredVm> = machinesOf<DesiredVm>('vm', {
  converge: [
    validateInputs,
    ensureVmDefined,
    applyVmConfigurations,
    generateCloudInit,
    startVm,
    waitForGuestAgent,
    applyFeatures,
    runApplicationScript,
    runHealthCheck,
    finalize,
  ],
  start: [startVm, waitForGuestAgent],
});
