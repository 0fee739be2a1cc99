import type { Command } from '../call/command.ts';
import { loadMachine } from '../machine/config.ts';
import { printSnapshots } from '../pct/listsnapshot.ts';

/** `qm listsnapshot`: the snapshots as a tree, oldest first, the current state last. */
export const listsnapshot: Command = {
  run: async (session, parameters) => {
    const { head, snapshots } = await loadMachine(session, parameters.vmid);
    printSnapshots(session, head, snapshots);
  },
};
