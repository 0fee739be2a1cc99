import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { destroyConfig, emptySection, loadConfig, lockConfig, writeConfig } from '../container/config.ts';
import { complainOnly, freeAll } from '../container/disks.ts';
import { checkLock, checkProtection } from '../container/locks.ts';
import { isRunning } from '../container/power.ts';
import { contentsOf, isEnabled, loadStorages, refOf, type StorageConfig } from '../storage/config.ts';
import { freeVolume } from '../storage/volumes.ts';

/** `pct destroy`: the container's volumes, its configuration, its firewall file. */
export const destroy: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await check(session, parameters);
    if (!parameters.flag('force')) await refuseRunning(session, vmid);
    await runWorker(session, 'vzdestroy', vmid, () =>
      lockConfig(session, vmid, () => remove(session, parameters)),
    );
  },
};

async function remove(session: Session, parameters: Parameters): Promise<void> {
  const { vmid } = parameters;
  const config = await check(session, parameters);
  if (await isRunning(session, vmid)) {
    if (!parameters.flag('force')) await refuseRunning(session, vmid);
    session.warn(`forced to stop CT ${vmid} before destroying!`);
    await session.host.guests.stop(vmid);
  }
  const storages = await loadStorages(session);
  await freeAll(session, storages, vmid, config);
  if (parameters.flag('destroy-unreferenced-disks')) await freeStrays(session, storages, vmid);
  await session.host.guests.forget(vmid);
  await writeConfig(session, vmid, {
    head: { keys: new Map([['lock', 'destroyed']]), raw: [] },
    pending: emptySection(),
    snapshots: new Map(),
    digest: '',
  });
  await session.host.files.remove(`/etc/pve/firewall/${vmid}.fw`);
  if (parameters.flag('purge')) session.print(`purging CT ${vmid} from related configurations..\n`);
  await destroyConfig(session, vmid);
}

async function check(
  session: Session,
  parameters: Parameters,
): Promise<Awaited<ReturnType<typeof loadConfig>>> {
  const config = await loadConfig(session, parameters.vmid);
  checkProtection(config, `can't remove CT ${parameters.vmid}`);
  checkLock(config);
  return config;
}

async function refuseRunning(session: Session, vmid: number): Promise<void> {
  if (await isRunning(session, vmid))
    throw new ToolError(`unable to destroy CT ${vmid} - container is running`);
}

async function freeStrays(session: Session, storages: StorageConfig, vmid: number): Promise<void> {
  for (const storage of storages.values()) {
    if (!contentsOf(storage).has('rootdir') || !isEnabled(session, storage)) continue;
    for (const volume of await session.host.volumes.list(refOf(storage), vmid)) {
      await complainOnly(session, () => freeVolume(session, storages, `${storage.id}:${volume.name}`));
    }
  }
}
