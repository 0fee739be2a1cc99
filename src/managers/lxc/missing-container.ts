import { NOTHING, type StepAnswer } from '../../model/step.ts';
import type { LxcInput } from './input.ts';

/** The answer of a step that needs a container where there is none. */
export function missingContainer({ desired }: LxcInput): StepAnswer {
  return {
    ...NOTHING,
    diagnostics: [
      {
        code: 'lxc/missing',
        severity: 'error',
        summary: `container ${desired.vmid} is not there`,
        remedy: `phoenix create ${desired.vmid}`,
        target: desired.vmid,
      },
    ],
  };
}
