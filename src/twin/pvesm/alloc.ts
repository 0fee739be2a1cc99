import type { Command } from '../call/command.ts';
import { refuseParameter } from '../call/errors.ts';
import { loadStorages } from '../storage/config.ts';
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
    const volume = await allocateVolume(session, await loadStorages(session), parameters.demand('storage'), {
      vmid: parameters.vmid,
      format: ending ?? asked ?? 'raw',
      ...(name !== '' && { name }),
      sizeBytes: Number.parseInt(text, 10) * factor,
    });
    session.print(`successfully created '${volume}'\n`);
  },
};
