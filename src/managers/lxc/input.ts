import type { DesiredContainer } from '../../model/desired.ts';
import type { Step, StepInput } from '../../model/step.ts';
import type { PresentGuest } from '../guest/input.ts';

export type LxcStep = Step<DesiredContainer>;
export type LxcInput = StepInput<DesiredContainer>;

/** An input whose container is there. */
export type PresentInput = PresentGuest<DesiredContainer>;
