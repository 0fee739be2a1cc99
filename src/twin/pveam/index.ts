import type { Command, Tool } from '../call/command.ts';
import { refuseParameter, ToolError } from '../call/errors.ts';
import { runWorker } from '../call/session.ts';
import { ENOENT } from '../container/config.ts';
import { contentsOf, findStorage, activate, loadStorages } from '../storage/config.ts';
import { listFiles } from '../storage/files.ts';
import { folderOf, pathOf } from '../storage/names.ts';
import { locate } from '../storage/volumes.ts';

const available: Command = {
  run: async (session, parameters) => {
    const section = parameters.text('section');
    for (const found of await session.host.appliances.available()) {
      if (section !== undefined && found.section !== section) continue;
      session.print(`${found.section.padEnd(15)} ${found.name}\n`);
    }
  },
};

const download: Command = {
  waits: true,
  run: async (session, parameters) => {
    const [id, template] = [parameters.demand('storage'), parameters.demand('template')];
    const found = await session.host.appliances.available();
    // A twin made from an observation has no catalogue: nobody looked at it, so the name counts as right.
    if (found.length > 0 && !found.some((appliance) => appliance.name === template)) {
      throw refuseParameter('template', 'no such template');
    }
    const storages = await loadStorages(session);
    const storage = findStorage(storages, id);
    if (!contentsOf(storage).has('vztmpl')) {
      throw refuseParameter('storage', `Storage '${id}' does not support templates`);
    }
    await activate(session, storages, id);
    const path = `${folderOf(storage, 'vztmpl')}/${template}`;
    await runWorker(session, 'download', template, async () => {
      if ((await session.host.files.stat(path)) !== undefined) {
        session.print(`OK, got correct file already, no need to re-download\n`);
        return;
      }
      session.print(`downloading ${template} to ${path}\n`);
      await session.host.appliances.download(template, path, (_, text) => session.print(text));
      session.print(`download of '${template}' finished\n`);
    });
  },
};

const list: Command = {
  run: async (session, parameters) => {
    const storages = await loadStorages(session);
    const storage = findStorage(storages, parameters.demand('storage'));
    const row = (name: string, size: string): void => session.print(`${name.padEnd(60)} ${size.padEnd(6)}\n`);
    row('NAME', 'SIZE');
    for (const file of await listFiles(session, storage, 'vztmpl')) {
      row(file.volume, `${(file.sizeBytes / 1024 ** 2).toFixed(2)}MB`);
    }
  },
};

const remove: Command = {
  run: async (session, parameters) => {
    const volume = parameters.demand('template_path');
    const { storage, name } = locate(await loadStorages(session), volume);
    const path = pathOf(storage, name);
    if ((await session.host.files.stat(path)) === undefined) {
      session.errno = ENOENT;
      throw new ToolError(`volume '${volume}' does not exist`);
    }
    await session.host.files.remove(path);
  },
};

const update: Command = {
  run: async (session) => {
    await session.host.appliances.update();
    session.print('update successful\n');
  },
};

/** Proxmox's template tool. */
export const pveam: Tool = {
  name: 'pveam',
  groups: [['available', 'download', 'list', 'remove', 'update']],
  commands: { available, download, list, remove, update },
};
