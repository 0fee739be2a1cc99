import type { DesiredVm } from '../../model/desired.ts';
import { NOTHING, type Manager } from '../../model/step.ts';

/** Virtual machines are read and checked, and not acted on yet: the machine says so and does nothing. */
export const vmManager: Manager<DesiredVm> = {
  name: 'vm',
  steps: [
    {
      name: 'validate_inputs',
      plan: ({ desired }) => ({
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
    },
  ],
};
