import type { Command } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, withLock } from '../call/session.ts';
import { startMachine } from '../machine/power.ts';
import { deleteMachineSnapshot, rollBackMachine, snapshotMachine } from '../machine/snapshots.ts';

export const snapshot: Command = {
  waits: true,
  run: async (session, parameters) => {
    const name = parameters.demand('snapname');
    if (name === 'current') throw new ToolError(`unable to use snapshot name '${name}' (reserved name)`);
    if (name.toLowerCase() === 'pending') {
      throw new ToolError(`unable to use snapshot name 'pending' (reserved name)`);
    }
    await runWorker(session, 'qmsnapshot', parameters.vmid, () =>
      snapshotMachine(session, parameters.vmid, name, {
        description: parameters.text('description'),
        withState: parameters.flag('vmstate'),
      }),
    );
  },
};

export const delsnapshot: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const isForced = parameters.flag('force');
    const remove = (): Promise<void> =>
      deleteMachineSnapshot(session, vmid, parameters.demand('snapname'), isForced);
    await runWorker(session, 'qmdelsnapshot', vmid, () =>
      isForced ? remove() : withLock(session, migrationLock(vmid), 10_000, remove),
    );
  },
};

export const rollback: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await runWorker(session, 'qmrollback', vmid, () =>
      withLock(session, migrationLock(vmid), 10_000, async () => {
        const found = await rollBackMachine(session, vmid, parameters.demand('snapname'));
        // A snapshot with the VM's memory in it goes on from there.
        const goesOn = found.keys.has('vmstate') || parameters.flag('start');
        if (goesOn) await startMachine(session, vmid, { skipLock: false });
      }),
    );
  },
};

/** Keeps replication away while snapshots come and go. */
function migrationLock(vmid: number): string {
  return `/var/lock/pve-manager/pve-migrate-${vmid}`;
}
