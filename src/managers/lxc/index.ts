import type { DesiredContainer } from '../../model/desired.ts';
import { applyFeatures } from '../guest/apply-features.ts';
import { machinesOf, type Machines } from '../guest/machines.ts';
import { runApplicationScript } from '../guest/run-application-script.ts';
import { runHealthCheck } from '../guest/run-health-check.ts';
import { applyConfigurations } from './apply-configurations.ts';
import { ensureContainerDefined } from './ensure-container-defined.ts';
import { finalize } from './finalize.ts';
import { startContainer } from './start-container.ts';
import { validateInputs } from './validate-inputs.ts';

/** The state machines of containers. */
export const lxcMachines: Machines<DesiredContainer> = machinesOf<DesiredContainer>('lxc', {
  converge: [
    validateInputs,
    ensureContainerDefined,
    applyConfigurations,
    startContainer,
    applyFeatures,
    runApplicationScript,
    runHealthCheck,
    finalize,
  ],
  start: [startContainer],
});

/** From nothing to healthy. */
export const lxcManager = lxcMachines.converge;
