import type { DesiredHypervisor } from '../../model/desired.ts';
import { NOTHING, type Manager } from '../../model/step.ts';

/** The host's own configuration is read and checked, and not acted on yet: the machine says so. */
export const hypervisorManager: Manager<DesiredHypervisor> = {
  name: 'hypervisor',
  steps: [
    {
      name: 'validate_inputs',
      plan: () => ({
        ...NOTHING,
        diagnostics: [
          {
            code: 'hypervisor/not-yet',
            severity: 'error',
            summary: 'the host itself can not be set up yet',
            detail: 'Its definition is checked, and nothing is done to the host.',
            remedy: 'Leave it out: phoenix converge lxc',
            target: 'node',
          },
        ],
      }),
    },
  ],
};
