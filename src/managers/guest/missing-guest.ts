import { NOTHING, type StepAnswer } from '../../model/step.ts';
import type { GuestInput } from './input.ts';
import { wordsOf } from './words.ts';

/** The answer of a step that needs a guest where there is none. */
export function missingGuest({ desired }: GuestInput): StepAnswer {
  return {
    ...NOTHING,
    diagnostics: [
      {
        code: `${desired.kind}/missing`,
        severity: 'error',
        summary: `${wordsOf(desired.kind).noun} ${desired.vmid} is not there`,
        remedy: `phoenix create ${desired.vmid}`,
        target: desired.vmid,
      },
    ],
  };
}
