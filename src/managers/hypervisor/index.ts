import type { DesiredHypervisor } from '../../model/desired.ts';
import type { Manager } from '../../model/step.ts';
import type { HostStep } from './part.ts';
import { configureNetwork } from './configure-network.ts';
import { installDrivers } from './install-drivers.ts';
import { prepareSystem } from './prepare-system.ts';
import { setupFirewall } from './setup-firewall.ts';
import { setupZfs } from './setup-zfs.ts';
import { validateInputs } from './validate-inputs.ts';

/** The host's state machine, from top to bottom. */
export const hypervisorManager: Manager<DesiredHypervisor> = {
  name: 'hypervisor',
  steps: [validateInputs, prepareSystem, setupZfs, configureNetwork, installDrivers, setupFirewall],
};

/** What `phoenix setup` calls the steps. */
export const HOST_STEPS = {
  system: [prepareSystem],
  zfs: [setupZfs],
  network: [configureNetwork],
  drivers: [installDrivers],
  firewall: [setupFirewall],
} as const satisfies Readonly<Record<string, readonly HostStep[]>>;

/** The machine with some of its steps; what they rest on is checked all the same. */
export function hypervisorManagerOf(names: readonly (keyof typeof HOST_STEPS)[]): Manager<DesiredHypervisor> {
  const wanted = new Set<HostStep>([validateInputs, ...names.flatMap((name) => HOST_STEPS[name])]);
  return { name: 'hypervisor', steps: hypervisorManager.steps.filter((step) => wanted.has(step)) };
}
