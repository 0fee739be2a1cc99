import type { Command } from '../call/command.ts';
import { runWorker } from '../call/session.ts';
import { loadStorages } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { freeVolume, locate } from '../storage/volumes.ts';

/** `pvesm free`: does not wait for its task to have gone well. */
export const free: Command = {
  run: async (session, parameters) => {
    const given = parameters.demand('volume');
    const prefix = parameters.text('storage');
    const volume = prefix === undefined || given.includes(':') ? given : `${prefix}:${given}`;
    const storages = await loadStorages(session);
    const { storage, name, parsed } = locate(storages, volume);
    pathOf(storage, name);
    const owner = parsed.vmid === undefined ? '' : `${parsed.vmid}@`;
    await runWorker(session, 'imgdel', `${owner}${storage.id}`, async () => {
      await freeVolume(session, storages, volume);
      session.print(`Removed volume '${volume}'\n`);
    });
  },
};
