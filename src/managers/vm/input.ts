import type { DesiredVm } from '../../model/desired.ts';
import type { Step, StepInput } from '../../model/step.ts';
import type { PresentGuest } from '../guest/input.ts';

export type VmStep = Step<DesiredVm>;
export type VmInput = StepInput<DesiredVm>;

/** An input whose VM is there. */
export type PresentVm = PresentGuest<DesiredVm>;
