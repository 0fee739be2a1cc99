import type { GuestId } from '../../model/target.ts';
import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, runWorker, type Session } from '../call/session.ts';
import {
  destroyConfig,
  ENOENT,
  emptyConfig,
  loadConfig,
  lockConfig,
  writeConfig,
  type Config,
} from '../container/config.ts';
import { copyVolume } from '../container/copy-volume.ts';
import { complainOnly, destroyDisks } from '../container/disks.ts';
import { launchOf } from '../container/launch.ts';
import { createLocked, removeLock, setLock } from '../container/locks.ts';
import { refuseMissingPool } from '../container/pools.ts';
import { isRunning } from '../container/power.ts';
import { isTemplate } from '../container/snapshot-config.ts';
import { printVolume, splitVolumeId, type GuestVolume } from '../container/volumes.ts';
import { findEnabled, loadStorages } from '../storage/config.ts';
import { cloneVolume } from '../storage/volumes.ts';
import { checkMounts, copySettings, type CloneKind } from './clone-source.ts';

/**
 * `pct clone`: the source is locked (`disk`) until all volumes are copied. A template is cloned
 * linked, everything else in full.
 */
export const clone: Command = { run, waits: true };

type Job = CloneKind & {
  readonly source: GuestId;
  readonly target: GuestId;
  readonly config: Config;
  readonly mounts: readonly GuestVolume[];
};

async function run(session: Session, parameters: Parameters): Promise<void> {
  const [source, target] = [parameters.vmid, Number(parameters.demand('newid'))];
  const node = parameters.text('target');
  if (node !== undefined && node !== session.host.nodeName && node !== 'localhost') {
    throw new ToolError(`no such cluster node '${node}'`);
  }
  await refuseMissingPool(session, parameters.text('pool'));
  const storages = await loadStorages(session);
  const storage = parameters.text('storage');
  if (storage !== undefined) findEnabled(session, storages, storage);
  const found = await setLock(session, source, 'disk');
  try {
    await createLocked(session, target, false);
  } catch (error) {
    if (isComplaint(error)) await unlockSource(session, source);
    throw error;
  }
  session.errno = ENOENT;
  const job = await begin(session, parameters, { source, target, storages, storage }, found);
  await runWorker(session, 'vzclone', source, () => copy(session, job));
}

async function begin(
  session: Session,
  parameters: Parameters,
  base: Pick<Job, 'source' | 'target' | 'storages' | 'storage'>,
  found: Config,
): Promise<Job> {
  const { source, target } = base;
  try {
    const running = await isRunning(session, source);
    const isFull = parameters.text('full') === undefined ? !isTemplate(found) : parameters.flag('full');
    const firewall = await session.host.files.read(`/etc/pve/firewall/${source}.fw`);
    if (firewall !== undefined)
      await session.host.files.write(`/etc/pve/firewall/${target}.fw`, firewall, 0o640);
    if (base.storage !== undefined && !isFull) {
      throw new ToolError("parameter 'storage' not allowed for linked clones");
    }
    const snapshot = parameters.text('snapname');
    const section = snapshot === undefined ? found.head : found.snapshots.get(snapshot);
    if (section === undefined) throw new ToolError(`snapshot '${snapshot}' does not exist`);
    const mounts = checkMounts(section, { ...base, isFull, snapshot }, running);
    const config = { ...emptyConfig(), head: await copySettings(session, section) };
    const { keys } = config.head;
    keys.set('lock', 'create');
    for (const key of ['hostname', 'description']) {
      const value = parameters.text(key);
      if (value) keys.set(key, value);
    }
    await changeTarget(session, target, () => writeConfig(session, target, config));
    return { ...base, config, mounts, isFull, snapshot };
  } catch (error) {
    if (!isComplaint(error)) throw error;
    await unlockSource(session, source);
    await dropTarget(session, target);
    throw error;
  }
}

async function copy(session: Session, job: Job): Promise<void> {
  const made: string[] = [];
  try {
    for (const mount of job.mounts) {
      const volume = await copyMount(session, job, mount);
      made.push(volume);
      mount.volume = volume;
      await changeTarget(session, job.target, async (config) => {
        config.head.keys.set(mount.key, printVolume(mount));
        await writeConfig(session, job.target, config);
      });
    }
    await changeTarget(session, job.target, (config) =>
      session.host.guests.personalize(launchOf(job.target, config.head, job.storages), { isClone: true }),
    );
  } catch (error) {
    if (!isComplaint(error)) throw error;
    await complainOnly(session, () => removeLock(session, job.source, 'disk'));
    await destroyDisks(session, job.storages, made);
    await dropTarget(session, job.target);
    throw new ToolError(`clone failed: ${messageOf(error)}`);
  }
  await complainOnly(session, () => removeLock(session, job.source, 'disk'));
  await changeTarget(session, job.target, () => removeLock(session, job.target, 'create'));
}

async function copyMount(session: Session, job: Job, mount: GuestVolume): Promise<string> {
  if (!job.isFull) {
    session.print(`create linked clone of mount point ${mount.key} (${mount.volume})\n`);
    return cloneVolume(session, job.storages, mount.volume, job.target, job.snapshot);
  }
  session.print(`create full clone of mountpoint ${mount.key} (${mount.volume})\n`);
  const storage = job.storage ?? splitVolumeId(mount.volume)?.storage ?? '';
  const rootId = job.config.head.keys.get('unprivileged') === '1' ? 100_000 : 0;
  return copyVolume(session, job.storages, mount, { vmid: job.target, storage, rootId }, job.snapshot);
}

/** Changes the new container as long as it still carries the lock that it was begun with. */
async function changeTarget(
  session: Session,
  target: GuestId,
  code: (config: Config) => Promise<void>,
): Promise<void> {
  await lockConfig(session, target, async () => {
    const config = await loadConfig(session, target);
    if (config.head.keys.get('lock') !== 'create')
      throw new ToolError("Lost 'create' config lock, aborting.");
    await code(config);
  });
}

async function dropTarget(session: Session, target: GuestId): Promise<void> {
  try {
    await changeTarget(session, target, async () => {
      await destroyConfig(session, target);
      await session.host.files.remove(`/etc/pve/firewall/${target}.fw`);
    });
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(`Failed to remove target CT config - ${messageOf(error)}`);
  }
}

async function unlockSource(session: Session, source: GuestId): Promise<void> {
  try {
    await removeLock(session, source, 'disk');
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(`Failed to remove source CT config lock - ${messageOf(error)}`);
  }
}
