import { NOTHING } from '../../model/step.ts';
import { refuseToDestroy } from './destroy-guest.ts';
import type { GuestStep } from './input.ts';

/** Refuses what may not be destroyed before anything of it is touched, its run state included. */
export const mayDestroy: GuestStep = {
  name: 'validate_inputs',
  plan: (input) => {
    const { guest } = input.observed;
    const refusal = guest && refuseToDestroy(input, guest);
    if (!guest) return { ...NOTHING, finished: true };
    return refusal ? { ...NOTHING, diagnostics: [refusal] } : NOTHING;
  },
};
