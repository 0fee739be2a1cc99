import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { isOurs, type LxcStep } from './input.ts';
import { missingContainer } from './missing-container.ts';
import { foreign, refuse } from './refusals.ts';

/** For verbs that act on a container that must be there: it is one, it is here, and it is ours. */
export const mayAct: LxcStep = {
  name: 'validate_inputs',
  plan: (input): StepAnswer => {
    const { guest } = input.observed;
    if (!guest) return missingContainer(input);
    const refusal = refuse(input, guest);
    if (refusal) return { ...NOTHING, diagnostics: [refusal] };
    const isForeign = !isOurs(guest, input.folder.folderId) && !input.consent.adopt;
    return isForeign ? { ...NOTHING, diagnostics: [foreign(input, guest)] } : NOTHING;
  },
};
