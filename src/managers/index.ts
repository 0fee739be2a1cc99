import type { DesiredGuest } from '../model/desired.ts';
import type { Manager } from '../model/step.ts';
import type { Machines } from './guest/machines.ts';
import { lxcMachines } from './lxc/index.ts';
import { vmMachines } from './vm/index.ts';

/** Who looks after a guest for a purpose: the machine of its kind. */
export function managerFor(purpose: keyof Machines<never>): (guest: DesiredGuest) => Manager<never> {
  return ({ kind }) => (kind === 'lxc' ? lxcMachines : vmMachines)[purpose];
}
