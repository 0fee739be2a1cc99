import type { Command } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, runWorker, withLock, type Session } from '../call/session.ts';
import { startContainer } from '../container/power.ts';
import { createSnapshot, deleteSnapshot, rollBack } from '../container/snapshots.ts';

export const snapshot: Command = {
  waits: true,
  run: async (session, parameters) => {
    const name = parameters.demand('snapname');
    if (name === 'current' || name === 'vzdump') {
      throw new ToolError(`unable to use snapshot name '${name}' (reserved name)`);
    }
    await runWorker(session, 'vzsnapshot', parameters.vmid, () =>
      createSnapshot(session, parameters.vmid, name, parameters.text('description')),
    );
  },
};

export const delsnapshot: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const remove = (): Promise<void> =>
      deleteSnapshot(session, vmid, parameters.demand('snapname'), parameters.flag('force'));
    await runWorker(session, 'vzdelsnapshot', vmid, () =>
      parameters.flag('force') ? remove() : withMigrationLock(session, vmid, remove),
    );
  },
};

export const rollback: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await runWorker(session, 'vzrollback', vmid, () =>
      withLock(session, migrationLock(vmid), 10_000, async () => {
        await rollBack(session, vmid, parameters.demand('snapname'));
        if (parameters.flag('start')) await startContainer(session, vmid, { skipLock: false });
      }),
    );
  },
};

async function withMigrationLock(session: Session, vmid: number, code: () => Promise<void>): Promise<void> {
  let isObtained = false;
  try {
    await withLock(session, migrationLock(vmid), 10_000, () => {
      isObtained = true;
      return code();
    });
  } catch (error) {
    if (isObtained || !isComplaint(error)) throw error;
    throw new ToolError('Failed to obtain guest migration lock - replication running?');
  }
}

/** Keeps replication away while snapshots come and go. */
function migrationLock(vmid: number): string {
  return `/var/lock/pve-manager/pve-migrate-${vmid}`;
}
