import type { Command } from '../call/command.ts';
import { byCode } from '../call/lists.ts';
import { loadMachine } from '../machine/config.ts';
import { pendingMachineDeletes } from '../machine/pending.ts';
import { shownValue } from './config.ts';

/** `qm pending`: each key as it is (`cur`), will be (`new`) or goes (`del`). */
export const pending: Command = {
  run: async (session, parameters) => {
    const config = await loadMachine(session, parameters.vmid);
    const deletes = pendingMachineDeletes(config);
    const keys = new Set([...config.head.keys.keys(), ...config.pending.keys.keys()]);
    keys.delete('delete');
    for (const key of [...keys].toSorted(byCode)) {
      const [now, next] = [config.head.keys.get(key), config.pending.keys.get(key)];
      if (now !== undefined && deletes.has(key)) session.print(`del ${key}: ${shownValue(key, now)}\n`);
      else {
        if (now !== undefined) session.print(`cur ${key}: ${shownValue(key, now)}\n`);
        if (next !== undefined) session.print(`new ${key}: ${shownValue(key, next)}\n`);
      }
    }
  },
};
