import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { byCode } from '../call/lists.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import { emptySection, type Section } from '../container/config.ts';
import { complainOnly } from '../container/disks.ts';
import { copySection, unlinkParent } from '../container/snapshot-config.ts';
import { addUnused } from '../container/volumes.ts';
import { loadStorages, type StorageConfig } from '../storage/config.ts';
import { freeVolume, locate, refOfVolume } from '../storage/volumes.ts';
import { hasAgentChannel } from './agent-setting.ts';
import { isTemplate, loadMachine, lockMachine, writeMachine, type MachineConfig } from './config.ts';
import { drivesOf, isAttached, isCdrom, type Drive } from './drives.ts';
import { diskHas } from './linked-clone.ts';
import { checkMachineLock, setMachineLock } from './locks.ts';
import { machinesOf } from './machines.ts';
import { stopLocked } from './power.ts';
import { saveState } from './saved-state.ts';
import { newUuid } from './uuids.ts';

export type SnapshotOptions = { readonly description: string | undefined; readonly withState: boolean };

/** Takes a snapshot: written as begun, taken of each disk (and of the memory, if asked), written as done. */
export async function snapshotMachine(
  session: Session,
  vmid: GuestId,
  name: string,
  options: SnapshotOptions,
): Promise<void> {
  const storages = await loadStorages(session);
  const state = await machinesOf(session).find(vmid);
  const withState = options.withState && state !== undefined;
  await lockMachine(session, vmid, () => prepare(session, vmid, storages, name, { ...options, withState }));
  const config = await loadMachine(session, vmid);
  const freezes =
    !withState &&
    state !== undefined &&
    hasAgentChannel(config.head.keys.get('agent')) &&
    (await machinesOf(session).agentAnswers(vmid));
  try {
    if (freezes) await machinesOf(session).agent(vmid, 'fsfreeze-freeze', {});
    for (const drive of disksOf(needMachineSnapshot(config, name))) {
      session.print(`snapshotting 'drive-${drive.key}' (${drive.file})\n`);
      await session.host.volumes.snapshot(refOfVolume(locate(storages, drive.file)), name);
    }
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn('snapshot create failed: starting cleanup');
    await complainOnly(session, () => change(session, vmid, (found) => dropBegun(found, name)));
    throw new ToolError(messageOf(error));
  } finally {
    if (freezes) await machinesOf(session).agent(vmid, 'fsfreeze-thaw', {});
  }
  await change(session, vmid, (found) => {
    if (found.head.keys.get('lock') !== 'snapshot') throw new ToolError('missing snapshot lock');
    needMachineSnapshot(found, name).keys.delete('snapstate');
    found.head.keys.delete('lock');
    found.head.keys.set('parent', name);
  });
}

/** Deletes a snapshot and takes it out of the chain; `force` goes on where a disk fails. */
export async function deleteMachineSnapshot(
  session: Session,
  vmid: GuestId,
  name: string,
  force: boolean,
): Promise<void> {
  const storages = await loadStorages(session);
  const begun = needMachineSnapshot(await loadMachine(session, vmid), name);
  await setMachineLock(session, vmid, 'snapshot-delete');
  await change(session, vmid, (config) => {
    if (isTemplate(config)) throw new ToolError("you can't delete a snapshot if vm is a template");
    needMachineSnapshot(config, name).keys.set('snapstate', 'delete');
  });
  const state = begun.keys.get('vmstate');
  if (state !== undefined) await complainOnly(session, () => freeVolume(session, storages, state));
  const unused: string[] = [];
  for (const drive of disksOf(begun)) {
    const remove = (): Promise<void> =>
      session.host.volumes.deleteSnapshot(refOfVolume(locate(storages, drive.file)), name);
    await (force ? complainOnly(session, remove) : remove());
    unused.push(drive.file);
    if (!force) {
      await change(session, vmid, (config) => void needMachineSnapshot(config, name).keys.delete(drive.key));
    }
  }
  await change(session, vmid, (config) => {
    const parent = needMachineSnapshot(config, name).keys.get('parent');
    unlinkParent(config.head, name, parent);
    for (const section of config.snapshots.values()) unlinkParent(section, name, parent);
    config.snapshots.delete(name);
    config.head.keys.delete('lock');
    for (const volume of unused) addUnused(config.head, volume);
  });
}

/** Takes a VM back to a snapshot: it is stopped, its disks and its configuration go back. */
export async function rollBackMachine(session: Session, vmid: GuestId, name: string): Promise<Section> {
  const storages = await loadStorages(session);
  let snapshot = needMachineSnapshot(await loadForRollback(session, vmid), name);
  await lockMachine(session, vmid, async () => {
    const config = await loadForRollback(session, vmid);
    snapshot = needMachineSnapshot(config, name);
    const state = snapshot.keys.get('snapstate');
    if (state !== undefined) {
      throw new ToolError(`unable to rollback to incomplete snapshot (snapstate = ${state})`);
    }
    checkMachineLock(config);
    await stopLocked(session, vmid, { skipLock: true, asks: false, timeoutMs: undefined, force: true });
    const stopped = await loadMachine(session, vmid);
    stopped.head.keys.set('lock', 'rollback');
    await writeMachine(session, vmid, stopped);
  });
  for (const drive of disksOf(snapshot)) {
    await session.host.volumes.rollback(refOfVolume(locate(storages, drive.file)), name);
  }
  await lockMachine(session, vmid, async () => {
    const config = await loadForRollback(session, vmid);
    snapshot = needMachineSnapshot(config, name);
    if (config.head.keys.get('lock') !== 'rollback') throw new ToolError('got wrong lock');
    for (const drive of disksOf(config.head)) {
      if (!isAttached(snapshot, drive.file)) addUnused(config.head, drive.file);
    }
    await writeMachine(session, vmid, goBack(session, config, name, snapshot));
  });
  return snapshot;
}

/** A snapshot by name; refuses one that there is not. */
export function needMachineSnapshot(config: MachineConfig, name: string): Section {
  const section = config.snapshots.get(name);
  if (section === undefined) throw new ToolError(`snapshot '${name}' does not exist`);
  return section;
}

async function prepare(
  session: Session,
  vmid: GuestId,
  storages: StorageConfig,
  name: string,
  options: SnapshotOptions,
): Promise<void> {
  const config = await loadMachine(session, vmid);
  if (isTemplate(config)) throw new ToolError("you can't take a snapshot if it's a template");
  checkMachineLock(config);
  if (config.snapshots.has(name)) throw new ToolError(`snapshot name '${name}' already used`);
  const canAll = disksOf(config.head).every(
    (drive) => !drive.file.startsWith('/') && diskHas(locate(storages, drive.file), 'snapshot'),
  );
  if (!canAll) throw new ToolError('snapshot feature is not available');
  for (const other of [...config.snapshots.keys()].toSorted(byCode)) {
    const section = config.snapshots.get(other);
    if (section?.keys.get('parent') !== name) continue;
    session.warn(`deleting parent '${name}' reference from '${other}' to avoid bogus snapshot cycle.`);
    section.keys.delete('parent');
  }
  config.head.keys.set('lock', 'snapshot');
  const snapshot = copySection(config.head);
  snapshot.keys.set('snapstate', 'prepare');
  snapshot.keys.set('snaptime', String(Math.floor(session.host.now() / 1000)));
  if (options.description) snapshot.keys.set('description', options.description);
  if (options.withState) await saveState(session, vmid, storages, snapshot, name);
  config.snapshots.set(name, snapshot);
  await writeMachine(session, vmid, config);
}

/** The configuration after a rollback: the snapshot's, with today's notes and unused volumes. */
function goBack(session: Session, config: MachineConfig, name: string, snapshot: Section): MachineConfig {
  const head = copySection(snapshot);
  for (const [key, value] of config.head.keys) {
    if (key === 'description' || /^unused\d+$/.test(key)) head.keys.set(key, value);
  }
  head.keys.set('parent', name);
  head.keys.delete('runningmachine');
  head.keys.delete('runningcpu');
  if (head.keys.has('vmgenid')) head.keys.set('vmgenid', newUuid(session));
  return { ...config, head, pending: emptySection(), cloudInit: emptySection() };
}

function disksOf(section: Section): Drive[] {
  return drivesOf(section).filter((drive) => !isCdrom(drive) && drive.file !== 'none');
}

/** After a snapshot that failed, nothing of it stays in the configuration. */
function dropBegun(config: MachineConfig, name: string): void {
  config.snapshots.delete(name);
  config.head.keys.delete('lock');
}

async function loadForRollback(session: Session, vmid: GuestId): Promise<MachineConfig> {
  const config = await loadMachine(session, vmid);
  if (isTemplate(config)) throw new ToolError("you can't rollback if vm is a template");
  return config;
}

async function change(session: Session, vmid: GuestId, code: (config: MachineConfig) => void): Promise<void> {
  await lockMachine(session, vmid, async () => {
    const config = await loadMachine(session, vmid);
    code(config);
    await writeMachine(session, vmid, config);
  });
}
