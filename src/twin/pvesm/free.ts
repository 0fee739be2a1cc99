import type { Command } from '../call/command.ts';
import { refuseParameter } from '../call/errors.ts';
import { runWorker } from '../call/session.ts';
import { splitVolumeId } from '../container/volumes.ts';
import { loadStorages } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { freeVolume, locate } from '../storage/volumes.ts';

/** `pvesm free`: does not wait for its task to have gone well. */
export const free: Command = {
  run: async (session, parameters) => {
    const volume = volumeOf(parameters.demand('volume'), parameters.text('storage'));
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

/** A volume's whole id; the storage may be given beside its name. */
function volumeOf(given: string, storage: string | undefined): string {
  if (!given.includes(':')) {
    if (storage === undefined) {
      throw refuseParameter('volume', 'no storage specified - incomplete volume ID');
    }
    return `${storage}:${given}`;
  }
  const split = splitVolumeId(given);
  if (split === undefined) throw refuseParameter('volume', `unable to parse volume ID '${given}'\n`);
  if (storage !== undefined && split.storage !== storage) {
    throw refuseParameter('volume', `storage ID mismatch (${split.storage} != ${storage})\n`);
  }
  return given;
}
