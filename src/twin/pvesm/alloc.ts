import type { Command } from '../call/command.ts';
import { refuseParameter } from '../call/errors.ts';
import { findStorage, loadStorages } from '../storage/config.ts';
import { allocateVolume } from '../storage/volumes.ts';

/** `pvesm alloc`: sizes are KiB unless they end in M or G; the name's ending is the format. */
export const alloc: Command = {
  run: async (session, parameters) => {
    const text = parameters.demand('size');
    const name = parameters.demand('filename');
    const ending = /\.(raw|qcow2|vmdk)$/.exec(name)?.[1];
    const asked = parameters.text('format');
    if (ending !== undefined && asked !== undefined && asked !== ending) {
      throw refuseParameter('format', `different storage formats (${asked} != ${ending})`);
    }
    const factor = text.endsWith('G') ? 1024 ** 3 : text.endsWith('M') ? 1024 ** 2 : 1024;
    const storages = await loadStorages(session);
    const id = parameters.demand('storage');
    const volume = await allocateVolume(session, storages, id, {
      vmid: parameters.vmid,
      format: ending ?? asked ?? findStorage(storages, id).options.get('format') ?? 'raw',
      ...(name !== '' && { name }),
      sizeBytes: Number.parseInt(text, 10) * factor,
    });
    session.print(`successfully created '${volume}'\n`);
  },
};
