import type { Command } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { ENOENT } from '../container/config.ts';
import { addUnused } from '../container/volumes.ts';
import { applyMachinePending } from '../machine/apply-pending.ts';
import { isTemplate, loadMachine, lockMachine, writeMachine } from '../machine/config.ts';
import { isDriveKey } from '../machine/drives.ts';
import { hotplugMachinePending } from '../machine/hotplug-pending.ts';
import { importFile } from '../machine/import-disk.ts';
import { checkMachineLock } from '../machine/locks.ts';
import { isMachineRunning } from '../machine/machines.ts';
import { contentsOf, findEnabled, loadStorages } from '../storage/config.ts';
import { makeBases } from './template.ts';

/** `qm disk import`: an image file becomes an unused disk, or the one that `--target-disk` names. */
export const importDiskCommand: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const source = parameters.demand('source');
    const id = parameters.demand('storage');
    const wanted = parameters.text('target-disk');
    const key = wanted !== undefined && isDriveKey(wanted) ? wanted : undefined;
    checkMachineLock(await loadMachine(session, vmid));
    if ((await session.host.files.stat(source))?.type !== 'file') {
      session.errno = ENOENT;
      throw new ToolError(`${source}: non-existent or non-regular file`);
    }
    const storages = await loadStorages(session);
    if (!contentsOf(findEnabled(session, storages, id)).has('images')) {
      throw new ToolError(`storage ${id} does not support vm images`);
    }
    session.print(`importing disk '${source}' to VM ${vmid} ...\n`);
    const job = { vmid, storages, storage: id, format: parameters.text('format'), key: key ?? '' };
    const { volume } = await importFile(session, job, source);
    const named = await lockMachine(session, vmid, async () => {
      const config = await loadMachine(session, vmid);
      checkMachineLock(config);
      if (key === undefined) {
        const unused = addUnused(config.head, volume) ?? '';
        await writeMachine(session, vmid, config);
        return unused;
      }
      if (config.head.keys.has(key)) {
        throw new ToolError(`cowardly refusing to overwrite existing entry: ${key}`);
      }
      config.pending.keys.set(key, volume);
      await writeMachine(session, vmid, config);
      if (await isMachineRunning(session, vmid)) {
        await hotplugMachinePending(session, vmid, config, storages, new Set([key]));
      } else await applyMachinePending(session, vmid, config, storages);
      return key;
    });
    const config = await loadMachine(session, vmid);
    if (key !== undefined && isTemplate(config)) await makeBases(session, vmid, config, key);
    session.print(`${named}: successfully imported disk '${config.head.keys.get(named)}'\n`);
  },
};
