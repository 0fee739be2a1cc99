import type { DesiredHypervisor } from '../../model/desired.ts';
import { NOTHING, type Manager } from '../../model/step.ts';
import { finding } from './operations.ts';

/** The host where a verb acts on guests alone: it says so. */
export const refusingHost: Manager<DesiredHypervisor> = {
  name: 'hypervisor',
  steps: [
    {
      name: 'validate_inputs',
      plan: ({ purpose }) => ({
        ...NOTHING,
        diagnostics: [
          finding('error', 'not-for-hosts', {
            summary: `phoenix ${purpose.verb} acts on guests, not on the host itself`,
            remedy: 'Leave "hypervisor" out. To prepare the host:\n    phoenix setup',
          }),
        ],
      }),
    },
  ],
};
