import type { DesiredVm } from '../../../src/model/desired.ts';
import type { ObservedGuest } from '../../../src/model/observation.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Step, StepAnswer, StepInput } from '../../../src/model/step.ts';
import { machine } from '../../desired-vm.ts';
import { asked, guest, type Given } from '../given.ts';

/** A VM of ours whose config file is this text: 8101, stopped and with an empty record unless said otherwise. */
export function vm(text: string, more: Partial<ObservedGuest> = {}): ObservedGuest {
  return guest(text, { kind: 'vm', ...more });
}

export type VmGiven = Omit<Given, 'desired'> & {
  readonly desired?: Partial<DesiredVm>;
  /** What the run has done to it so far. */
  readonly done?: readonly Operation[];
};

/** What a step is asked about VM 8101 `web` on the recordings' node. */
export function askedOf({ desired, done, ...given }: VmGiven): StepInput<DesiredVm> {
  const { observed, folder, ...rest } = asked(given);
  const wanted = machine(8101, { name: 'web', ...desired });
  return {
    ...rest,
    desired: wanted,
    folder: { ...folder, guests: new Map([[wanted.vmid, wanted]]) },
    observed: { ...observed, ...(done && { done }) },
  };
}

/** The step's answer. */
export function askVm(step: Step<DesiredVm>, given: VmGiven): StepAnswer {
  return step.plan(askedOf(given));
}
