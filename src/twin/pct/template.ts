import type { Command } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { loadConfig, lockConfig, writeConfig, type Config } from '../container/config.ts';
import { checkLock } from '../container/locks.ts';
import { isRunning } from '../container/power.ts';
import { isTemplate } from '../container/snapshot-config.ts';
import { mountsOf, printVolume } from '../container/volumes.ts';
import { loadStorages } from '../storage/config.ts';
import { locate, makeBase, volumeHas } from '../storage/volumes.ts';

/** `pct template`: volumes become bases. The tool does not wait for its task to have gone well. */
export const template: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await lockConfig(session, vmid, async () => {
      const config = await loadConfig(session, vmid);
      checkLock(config);
      if (config.snapshots.size > 0)
        throw new ToolError('unable to create template, because CT contains snapshots');
      if (isTemplate(config)) throw new ToolError("you can't convert a template to a template");
      if (await isRunning(session, vmid)) {
        throw new ToolError("you can't convert a CT to template if the CT is running");
      }
      await runWorker(session, 'vztemplate', vmid, () => convert(session, vmid, config));
    });
  },
};

async function convert(session: Session, vmid: number, config: Config): Promise<void> {
  const storages = await loadStorages(session);
  const mounts = mountsOf(config.head);
  for (const mount of mounts) {
    if (mount.kind !== 'volume' || !volumeHas(locate(storages, mount.volume), 'template')) {
      throw new ToolError(`Template feature is not available for '${mount.volume}'`);
    }
  }
  for (const mount of mounts) {
    mount.volume = await makeBase(session, storages, mount.volume);
    config.head.keys.set(mount.key, printVolume(mount));
  }
  config.head.keys.set('template', '1');
  await writeConfig(session, vmid, config);
}
