import type { StepAnswer } from '../../model/step.ts';
import { goldenWork } from '../guest/golden.ts';
import { present } from '../guest/input.ts';
import { finalFormWork } from '../guest/lifecycle-snapshots.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { joinWork } from '../guest/work.ts';
import type { LxcStep } from './input.ts';

const STEP = 'finalize';

/**
 * Ends what the folder calls a template or a golden container, and takes `final-form` where lifecycle
 * snapshots are wanted.
 */
export const finalize: LxcStep = {
  name: STEP,
  plan: (input): StepAnswer => {
    const container = present(input);
    if (!container) return missingGuest(input);
    // Golden comes last: afterwards the container is stopped and finished.
    return { ...joinWork([finalFormWork(container, STEP), goldenWork(container)]), probes: [] };
  },
};
