import type { DesiredGuest } from '../../model/desired.ts';
import type { Manager, Step } from '../../model/step.ts';
import type { GuestKind } from '../../model/target.ts';
import { destroyGuest } from './destroy-guest.ts';
import { mayAct } from './may-act.ts';
import { mayDestroy } from './may-destroy.ts';
import { runHealthCheck } from './run-health-check.ts';
import { announceRollback, rollBackGuest, snapshotGuest } from './snapshot-guest.ts';
import { stopGuest } from './stop-guest.ts';

/** The state machines of one kind of guest, by what they are for. */
export type Machines<Desired> = {
  /** From nothing to healthy: `create`, `converge`, `up`, `plan`, `rehearse`. */
  readonly converge: Manager<Desired>;
  /** Starts what is there, and restarts it where something waits for that and it is allowed. */
  readonly start: Manager<Desired>;
  /** Shuts down what runs. */
  readonly stop: Manager<Desired>;
  /** Shuts down what runs, then starts it. */
  readonly restart: Manager<Desired>;
  /** Refuses what may not go before it is touched, shuts it down, destroys it. */
  readonly delete: Manager<Desired>;
  /** Takes a snapshot. */
  readonly snapshot: Manager<Desired>;
  /** Takes a guest back to a snapshot. */
  readonly rollback: Manager<Desired>;
  /** Asks the health checks and the features' own checks, and changes nothing. */
  readonly healthCheck: Manager<Desired>;
};

/** The machines of a kind, from what is its own: all the steps, and those that start it. */
export function machinesOf<Desired extends DesiredGuest>(
  kind: GuestKind,
  own: { readonly converge: readonly Step<Desired>[]; readonly start: readonly Step<Desired>[] },
): Machines<Desired> {
  const machine = (...steps: readonly Step<Desired>[]): Manager<Desired> => ({ name: kind, steps });
  const stop = stopGuest(kind);
  return {
    converge: machine(...own.converge),
    start: machine(mayAct, ...own.start),
    stop: machine(mayAct, stop),
    restart: machine(mayAct, stop, ...own.start),
    delete: machine(mayDestroy, stop, destroyGuest(kind)),
    snapshot: machine(mayAct, snapshotGuest),
    rollback: machine(mayAct, announceRollback, rollBackGuest),
    healthCheck: machine(mayAct, runHealthCheck),
  };
}
