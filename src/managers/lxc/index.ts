import type { DesiredContainer } from '../../model/desired.ts';
import type { Manager } from '../../model/step.ts';
import { applyConfigurations } from './apply-configurations.ts';
import { applyFeatures } from './apply-features.ts';
import { destroyContainer } from './destroy-container.ts';
import { ensureContainerDefined } from './ensure-container-defined.ts';
import { finalize } from './finalize.ts';
import type { LxcStep } from './input.ts';
import { mayAct } from './may-act.ts';
import { mayDestroy } from './may-destroy.ts';
import { runApplicationScript } from './run-application-script.ts';
import { runHealthCheck } from './run-health-check.ts';
import { startContainer } from './start-container.ts';
import { stopContainer } from './stop-container.ts';
import { validateInputs } from './validate-inputs.ts';

/** From nothing to healthy: `create`, `converge`, `up`, `plan`, `rehearse`. */
export const lxcManager: Manager<DesiredContainer> = {
  name: 'lxc',
  steps: [
    validateInputs,
    ensureContainerDefined,
    applyConfigurations,
    startContainer,
    applyFeatures,
    runApplicationScript,
    runHealthCheck,
    finalize,
  ],
};

/** Starts what is there, and restarts it where something waits for that and it is allowed. */
export const startManager: Manager<DesiredContainer> = machine(mayAct, startContainer);

/** Shuts down what runs. */
export const stopManager: Manager<DesiredContainer> = machine(mayAct, stopContainer);

/** Shuts down what runs, then starts it. */
export const restartManager: Manager<DesiredContainer> = machine(mayAct, stopContainer, startContainer);

/** Refuses what may not go before it is touched, shuts it down, destroys it. */
export const deleteManager: Manager<DesiredContainer> = machine(mayDestroy, stopContainer, destroyContainer);

/** Asks the health checks and the features' own checks, and changes nothing. */
export const healthCheckManager: Manager<DesiredContainer> = machine(mayAct, runHealthCheck);

function machine(...steps: readonly LxcStep[]): Manager<DesiredContainer> {
  return { name: 'lxc', steps };
}
