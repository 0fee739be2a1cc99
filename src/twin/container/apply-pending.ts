import type { GuestId } from '../../model/target.ts';
import { byCode } from '../call/lists.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import type { Config } from './config.ts';
import { createDisks, destroyDisks, freeOwn } from './disks.ts';
import { mountOf } from './launch.ts';
import { lookUpSize } from './look-up-size.ts';
import { completeNic, printNic } from './nics.ts';
import { cleanPending, pendingDeletes, removePendingDelete } from './pending.ts';
import { addUnused, isInUse, NEW_VOLUME, parseVolume, printVolume } from './volumes.ts';

/**
 * Applies what is pending to a stopped container; all of it, or only the keys of `selection`. What
 * fails stays pending and is complained about under its key.
 */
export async function applyPending(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  selection?: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const errors = new Map<string, string>();
  const attempt = async (key: string, code: () => Promise<void>, done: () => void): Promise<void> => {
    try {
      await code();
      done();
    } catch (error) {
      if (!isComplaint(error)) throw error;
      const message = `unable to apply pending change ${key} : ${messageOf(error)}`;
      errors.set(key, `${message}\n`);
      session.warn(message);
    }
  };
  for (const key of [...pendingDeletes(config)].toSorted(byCode)) {
    if (selection?.has(key) === false) continue;
    await attempt(
      key,
      () => releaseKey(session, vmid, config, storages, key),
      () => {
        config.head.keys.delete(key);
        removePendingDelete(config, key);
      },
    );
  }
  cleanPending(config);
  for (const key of [...config.pending.keys.keys()].toSorted(byCode)) {
    if (key === 'delete' || selection?.has(key) === false) continue;
    await attempt(
      key,
      () => prepareKey(session, vmid, config, storages, key),
      () => {
        config.head.keys.set(key, config.pending.keys.get(key) ?? '');
        config.pending.keys.delete(key);
      },
    );
  }
  return errors;
}

/**
 * Prepares a pending mount point: allocates a new volume, looks up the size of one that exists, and
 * keeps the volume that stood there before. With `plug`, hands it to the running container.
 */
export async function preparePendingMount(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  key: string,
  plug: boolean,
): Promise<void> {
  const original = config.pending.keys.get(key) ?? '';
  const mount = parseVolume(key, original);
  const before = config.head.keys.get(key);
  if (mount.kind === 'volume' && NEW_VOLUME.test(mount.volume)) {
    const wanted = { keys: new Map([[key, original]]), raw: [] };
    const made = await createDisks(session, storages, vmid, wanted, config.pending, config.head);
    if (plug) {
      try {
        const fresh = parseVolume(key, config.pending.keys.get(key) ?? '');
        await session.host.guests.hotplug(vmid, { kind: 'mount', mount: mountOf(fresh, storages) });
      } catch (error) {
        if (!isComplaint(error)) throw error;
        await destroyDisks(session, storages, made);
        config.pending.keys.set(key, original);
        throw error;
      }
    }
  } else {
    if (mount.kind === 'volume') await lookUpSize(session, storages, mount);
    if (plug) await session.host.guests.hotplug(vmid, { kind: 'mount', mount: mountOf(mount, storages) });
    config.pending.keys.set(key, printVolume(mount));
  }
  if (before === undefined) return;
  const old = parseVolume(key, before);
  if (old.kind === 'volume') addUnused(config.head, old.volume);
}

async function releaseKey(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  key: string,
): Promise<void> {
  const value = config.head.keys.get(key) ?? '';
  if (/^mp\d+$/.test(key)) {
    const mount = parseVolume(key, value);
    if (mount.kind === 'volume') addUnused(config.head, mount.volume);
  } else if (/^unused\d+$/.test(key) && !isInUse(config, value)) {
    await freeOwn(session, storages, vmid, value);
  }
}

async function prepareKey(
  session: Session,
  vmid: GuestId,
  config: Config,
  storages: StorageConfig,
  key: string,
): Promise<void> {
  const value = config.pending.keys.get(key) ?? '';
  if (/^mp\d+$/.test(key)) await preparePendingMount(session, vmid, config, storages, key, false);
  else if (/^net\d+$/.test(key)) config.pending.keys.set(key, printNic(await completeNic(session, value)));
}
