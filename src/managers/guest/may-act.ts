import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { isOurs, type GuestStep } from './input.ts';
import { missingGuest } from './missing-guest.ts';
import { foreign, refuse } from './refusals.ts';

/** For verbs that act on a guest that must be there: it is one of its kind, it is here, and it is ours. */
export const mayAct: GuestStep = {
  name: 'validate_inputs',
  plan: (input): StepAnswer => {
    const { guest } = input.observed;
    if (!guest) return missingGuest(input);
    const refusal = refuse(input, guest);
    if (refusal) return { ...NOTHING, diagnostics: [refusal] };
    const isForeign = !isOurs(guest, input.folder.folderId) && !input.consent.adopt;
    return isForeign ? { ...NOTHING, diagnostics: [foreign(input, guest)] } : NOTHING;
  },
};
