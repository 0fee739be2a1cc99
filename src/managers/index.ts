import type { DesiredGuest } from '../model/desired.ts';
import type { Manager } from '../model/step.ts';
import type { Machines } from './guest/machines.ts';
import { inTransaction } from './guest/transaction.ts';
import { lxcMachines } from './lxc/index.ts';
import { vmMachines } from './vm/index.ts';

/** Who looks after a guest for a purpose: the machine of its kind. */
export function managerFor(purpose: keyof Machines<never>): (guest: DesiredGuest) => Manager<never> {
  return ({ kind, rollsBack }) => {
    const manager: Manager<never> = (kind === 'lxc' ? lxcMachines : vmMachines)[purpose];
    return purpose === 'converge' && rollsBack === true ? inTransaction<never>(kind, manager) : manager;
  };
}
