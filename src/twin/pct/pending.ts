import type { Command } from '../call/command.ts';
import { byCode } from '../call/lists.ts';
import { loadConfig } from '../container/config.ts';
import { pendingDeletes } from '../container/pending.ts';
import { encodeNotes } from '../../pve/guest-config.ts';

/** `pct pending`: each key as it is (`cur`), will be (`new`) or goes (`del`). */
export const pending: Command = {
  run: async (session, parameters) => {
    const config = await loadConfig(session, parameters.vmid);
    const deletes = pendingDeletes(config);
    const keys = new Set([...config.head.keys.keys(), ...config.pending.keys.keys()]);
    keys.delete('delete');
    for (const key of [...keys].toSorted(byCode)) {
      const show = (value: string): string => (key === 'description' ? encodeNotes(value) : value);
      const now = config.head.keys.get(key);
      const next = config.pending.keys.get(key);
      if (now !== undefined && deletes.has(key)) session.print(`del ${key}: ${show(now)}\n`);
      else {
        if (now !== undefined) session.print(`cur ${key}: ${show(now)}\n`);
        if (next !== undefined) session.print(`new ${key}: ${show(next)}\n`);
      }
    }
  },
};
