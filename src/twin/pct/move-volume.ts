import type { Command, Parameters } from '../call/command.ts';
import { ParameterError, ToolError } from '../call/errors.ts';
import { isComplaint, runWorker, type Session } from '../call/session.ts';
import { loadConfig, lockConfig, writeConfig } from '../container/config.ts';
import { copyVolume } from '../container/copy-volume.ts';
import { refuseModified } from '../container/digest.ts';
import { complainOnly } from '../container/disks.ts';
import { checkLock, removeLock, setLock } from '../container/locks.ts';
import { isRunning } from '../container/power.ts';
import { isTemplate } from '../container/snapshot-config.ts';
import { addUnused, isInSnapshot, parseVolume, printVolume, type GuestVolume } from '../container/volumes.ts';
import { loadStorages, type StorageConfig } from '../storage/config.ts';
import { freeVolume, makeBase } from '../storage/volumes.ts';
import { reassignVolume } from './reassign-volume.ts';

/** `pct move-volume`: to another storage, or to another container. */
export const moveVolume: Command = {
  waits: true,
  run: async (session, parameters) => {
    const storage = parameters.text('storage');
    const target = parameters.number('target-vmid');
    if (storage !== undefined && target !== undefined) {
      throw new ToolError('either set storage or target-vmid, but not both');
    }
    if (target !== undefined) return reassignVolume(session, parameters, target);
    if (storage === undefined) {
      const message = "both 'storage' and 'target-vmid' missing, either needs to be set";
      const errors = new Map([
        ['target-vmid', message],
        ['storage', message],
      ]);
      throw new ParameterError('Parameter verification failed.', errors);
    }
    const mount = await lockConfig(session, parameters.vmid, () => check(session, parameters));
    await runWorker(session, 'move_volume', parameters.vmid, () => move(session, parameters, storage, mount));
  },
};

async function check(session: Session, parameters: Parameters): Promise<GuestVolume> {
  const { vmid } = parameters;
  const key = parameters.demand('volume');
  const config = await loadConfig(session, vmid);
  checkLock(config);
  if (await isRunning(session, vmid)) throw new ToolError('cannot move volumes of a running container');
  if (/^unused\d+$/.test(key)) {
    throw new ToolError(
      `cannot move volume '${key}', only configured volumes can be moved to another storage`,
    );
  }
  const mount = parseVolume(key, config.head.keys.get(key) ?? '');
  if (parameters.flag('delete') && isInSnapshot(config, mount.volume)) {
    throw new ToolError("you can't move a volume with snapshots and delete the source");
  }
  refuseModified(parameters.text('digest'), config.digest);
  await setLock(session, vmid, 'disk');
  return mount;
}

async function move(
  session: Session,
  parameters: Parameters,
  storage: string,
  mount: GuestVolume,
): Promise<void> {
  const { vmid } = parameters;
  const storages = await loadStorages(session);
  const old = mount.volume;
  try {
    await copyOver(session, parameters, storages, storage, mount);
    if (parameters.flag('delete')) await freeOld(session, vmid, storages, old);
  } catch (error) {
    if (isComplaint(error)) await complainOnly(session, () => removeLock(session, vmid, 'disk'));
    throw error;
  }
  await complainOnly(session, () => removeLock(session, vmid, 'disk'));
}

async function copyOver(
  session: Session,
  parameters: Parameters,
  storages: StorageConfig,
  storage: string,
  mount: GuestVolume,
): Promise<void> {
  const { vmid } = parameters;
  const config = await loadConfig(session, vmid);
  const rootId = config.head.keys.get('unprivileged') === '1' ? 100_000 : 0;
  const old = mount.volume;
  const made = await copyVolume(session, storages, mount, { vmid, storage, rootId }, undefined);
  try {
    mount.volume = isTemplate(config) ? await makeBase(session, storages, made) : made;
    await lockConfig(session, vmid, async () => {
      const found = await loadConfig(session, vmid);
      refuseModified(config.digest, found.digest);
      found.head.keys.set(mount.key, printVolume(mount));
      if (!parameters.flag('delete')) addUnused(found.head, old);
      await writeConfig(session, vmid, found);
    });
  } catch (error) {
    if (isComplaint(error)) await complainOnly(session, () => freeVolume(session, storages, made));
    throw error;
  }
}

async function freeOld(session: Session, vmid: number, storages: StorageConfig, old: string): Promise<void> {
  try {
    await freeVolume(session, storages, old);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(error.message);
    await lockConfig(session, vmid, async () => {
      const config = await loadConfig(session, vmid);
      addUnused(config.head, old);
      await writeConfig(session, vmid, config);
    });
  }
}
