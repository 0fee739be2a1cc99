import type { Command } from '../call/command.ts';
import { loadStorages } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { locate } from '../storage/volumes.ts';

/** `pvesm path`: where a volume stands, whether or not it exists. */
export const path: Command = {
  run: async (session, parameters) => {
    const { storage, name } = locate(await loadStorages(session), parameters.demand('volume'));
    session.print(`${pathOf(storage, name)}\n`);
  },
};
