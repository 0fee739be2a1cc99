import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { byCode } from '../call/lists.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import { loadStorages } from '../storage/config.ts';
import { emptySection, loadConfig, lockConfig, writeConfig, type Config } from './config.ts';
import { complainOnly } from './disks.ts';
import { checkLock, setLock } from './locks.ts';
import { isRunning } from './power.ts';
import { applySnapshot, copySection, isTemplate, needSnapshot, unlinkParent } from './snapshot-config.ts';
import { activateAll, canSnapshot, eachVolume, refuseImpossibleRollback } from './snapshot-volumes.ts';
import { addUnused, isMounted, mountsOf } from './volumes.ts';

/** Takes a snapshot: written as begun, taken of each volume while the guest is frozen, written as done. */
export async function createSnapshot(
  session: Session,
  vmid: GuestId,
  name: string,
  comment: string | undefined,
): Promise<void> {
  await lockConfig(session, vmid, () => prepare(session, vmid, name, comment));
  const storages = await loadStorages(session);
  const config = await loadConfig(session, vmid);
  const freezes = await isRunning(session, vmid);
  const taken = emptySection();
  try {
    await activateAll(session, storages, config.head);
    if (freezes) await session.host.guests.freeze(vmid, true);
    const begun = needSnapshot(config, name);
    await eachVolume(session, storages, begun, 'snapshot', name, ({ key }) => {
      taken.keys.set(key, begun.keys.get(key) ?? '');
    });
  } catch (error) {
    if (!isComplaint(error)) throw error;
    if (freezes) await session.host.guests.freeze(vmid, false);
    session.warn('snapshot create failed: starting cleanup');
    await complainOnly(session, () => eachVolume(session, storages, taken, 'deleteSnapshot', name));
    await complainOnly(session, () => dropBegun(session, vmid, name));
    throw new ToolError(`${messageOf(error)}\n`);
  }
  if (freezes) await session.host.guests.freeze(vmid, false);
  await changeConfig(session, vmid, (found) => {
    if (found.head.keys.get('lock') !== 'snapshot') throw new ToolError('missing snapshot lock');
    const snapshot = needSnapshot(found, name);
    if (snapshot.keys.get('snapstate') !== 'prepare') throw new ToolError('wrong snapshot state');
    snapshot.keys.delete('snapstate');
    found.head.keys.delete('lock');
    found.head.keys.set('parent', name);
  });
}

/** Deletes a snapshot and takes it out of the chain; `force` goes on where a volume fails. */
export async function deleteSnapshot(
  session: Session,
  vmid: GuestId,
  name: string,
  force: boolean,
): Promise<void> {
  const storages = await loadStorages(session);
  const begun = needSnapshot(await loadConfig(session, vmid), name);
  await activateAll(session, storages, begun);
  await setLock(session, vmid, 'snapshot-delete');
  const change = (code: (config: Config) => void): Promise<void> =>
    changeConfig(session, vmid, (config) => {
      if (config.head.keys.get('lock') !== 'snapshot-delete') {
        throw new ToolError("encountered invalid lock, expected 'snapshot-delete'");
      }
      code(config);
    });
  await change((config) => {
    if (isTemplate(config)) throw new ToolError("you can't delete a snapshot if vm is a template");
    needSnapshot(config, name).keys.set('snapstate', 'delete');
  });
  const unused: string[] = [];
  for (const mount of mountsOf(begun)) {
    const only = { keys: new Map([[mount.key, begun.keys.get(mount.key) ?? '']]), raw: [] };
    const remove = (): Promise<void> => eachVolume(session, storages, only, 'deleteSnapshot', name);
    await (force ? complainOnly(session, remove) : remove());
    unused.push(mount.volume);
    if (!force) await change((config) => void needSnapshot(config, name).keys.delete(mount.key));
  }
  await change((config) => {
    const parent = needSnapshot(config, name).keys.get('parent');
    unlinkParent(config.head, name, parent);
    for (const section of config.snapshots.values()) unlinkParent(section, name, parent);
    config.snapshots.delete(name);
    config.head.keys.delete('lock');
    for (const volume of unused) addUnused(config.head, volume);
  });
}

/** Takes a container back to a snapshot: it is stopped, its volumes and its configuration go back. */
export async function rollBack(session: Session, vmid: GuestId, name: string): Promise<void> {
  const storages = await loadStorages(session);
  let snapshot = needSnapshot(await loadForRollback(session, vmid), name);
  await lockConfig(session, vmid, async () => {
    const config = await loadForRollback(session, vmid);
    snapshot = needSnapshot(config, name);
    await activateAll(session, storages, snapshot);
    await refuseImpossibleRollback(session, storages, snapshot, name);
    refuseIncomplete(snapshot.keys.get('snapstate'));
    checkLock(config);
    if (await isRunning(session, vmid)) await session.host.guests.stop(vmid);
    config.head.keys.set('lock', 'rollback');
    await writeConfig(session, vmid, config);
  });
  await eachVolume(session, storages, snapshot, 'rollback', name);
  await lockConfig(session, vmid, async () => {
    const config = await loadForRollback(session, vmid);
    snapshot = needSnapshot(config, name);
    if (config.head.keys.get('lock') !== 'rollback') throw new ToolError('got wrong lock');
    config.head.keys.delete('lock');
    for (const mount of mountsOf(config.head)) {
      if (mount.kind === 'volume' && !isMounted(snapshot, mount.volume)) addUnused(config.head, mount.volume);
    }
    await writeConfig(session, vmid, applySnapshot(config, name, snapshot));
  });
}

async function prepare(
  session: Session,
  vmid: GuestId,
  name: string,
  comment: string | undefined,
): Promise<void> {
  const config = await loadConfig(session, vmid);
  if (isTemplate(config)) throw new ToolError("you can't take a snapshot if it's a template");
  checkLock(config);
  if (config.snapshots.has(name)) throw new ToolError(`snapshot name '${name}' already used`);
  if (!canSnapshot(config.head, await loadStorages(session))) {
    throw new ToolError('snapshot feature is not available');
  }
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
  if (comment) snapshot.keys.set('description', comment);
  config.snapshots.set(name, snapshot);
  await writeConfig(session, vmid, config);
}

/** After a snapshot that failed, nothing of it stays in the configuration. */
async function dropBegun(session: Session, vmid: GuestId, name: string): Promise<void> {
  await changeConfig(session, vmid, (config) => {
    config.snapshots.delete(name);
    config.head.keys.delete('lock');
  });
}

async function loadForRollback(session: Session, vmid: GuestId): Promise<Config> {
  const config = await loadConfig(session, vmid);
  if (isTemplate(config)) throw new ToolError("you can't rollback if vm is a template");
  return config;
}

function refuseIncomplete(state: string | undefined): void {
  if (state !== undefined)
    throw new ToolError(`unable to rollback to incomplete snapshot (snapstate = ${state})`);
}

async function changeConfig(
  session: Session,
  vmid: GuestId,
  change: (config: Config) => void,
): Promise<void> {
  await lockConfig(session, vmid, async () => {
    const config = await loadConfig(session, vmid);
    change(config);
    await writeConfig(session, vmid, config);
  });
}
