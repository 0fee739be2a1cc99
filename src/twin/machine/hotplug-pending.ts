import type { GuestId } from '../../model/target.ts';
import { byCode } from '../call/lists.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import { applyCloudInit } from './cloud-init-drive.ts';
import { isCloudInitKey, recordCloudInit } from './cloud-init-record.ts';
import { writeMachine, type MachineConfig } from './config.ts';
import { isCloudInit, isDriveKey, parseDrive } from './drives.ts';
import { plugDrive } from './hotplug-drive.ts';
import { hotplugFeatures, plugSetting, unplugSetting } from './hotplug-setting.ts';
import { pendingMachineDeletes, removeMachineDelete } from './pending.ts';
import { detachDrive } from './unused.ts';
import { machinesOf } from './machines.ts';

/** Settings that need nothing done to a running VM. */
const FAST = new Set([
  'description',
  'hookscript',
  'lock',
  'migrate_downtime',
  'migrate_speed',
  'name',
  'onboot',
  'protection',
  'shares',
  'startup',
  'tags',
  'vmstatestorage',
]);

/**
 * Applies to a running VM what can be: what needs nothing done, and the keys of `selection` that are
 * hotplugged. The rest stays pending. What fails is complained about under its key.
 */
export async function hotplugMachinePending(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  storages: StorageConfig,
  selection: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const errors = new Map<string, string>();
  const { head, pending } = config;
  const attempt = async (key: string, code: () => Promise<boolean>, done: () => void): Promise<void> => {
    try {
      if (await code()) done();
    } catch (error) {
      if (!isComplaint(error)) throw error;
      errors.set(key, `hotplug problem - ${messageOf(error)}\n`);
    }
  };
  await applyFast(session, vmid, config);
  for (const [key, force] of [...pendingMachineDeletes(config)].toSorted(([a], [b]) => byCode(a, b))) {
    if (!selection.has(key)) continue;
    await attempt(
      key,
      () => unplug(session, vmid, config, storages, key, force),
      () => {
        recordCloudInit(config, key, head.keys.get(key), undefined);
        head.keys.delete(key);
        removeMachineDelete(config, key);
      },
    );
  }
  const commit = (key: string): void => {
    const value = pending.keys.get(key) ?? '';
    recordCloudInit(config, key, head.keys.get(key), value);
    head.keys.set(key, value);
    pending.keys.delete(key);
  };
  const changes = [...pending.keys.keys()].filter((key) => key !== 'delete' && selection.has(key));
  const isLate = (key: string): boolean =>
    isDriveKey(key) && isCloudInit(parseDrive(key, pending.keys.get(key) ?? ''));
  const late = changes.filter(isLate);
  for (const key of changes.filter((name) => !late.includes(name)).toSorted(byCode)) {
    await attempt(
      key,
      () => plug(session, vmid, config, storages, key),
      () => commit(key),
    );
  }
  for (const key of late) {
    await attempt(
      key,
      () => plugCloudInit(session, vmid, config, storages, key),
      () => {
        head.keys.set(key, pending.keys.get(key) ?? '');
        pending.keys.delete(key);
      },
    );
  }
  await writeMachine(session, vmid, config);
  if (hotplugFeatures(config).has('cloudinit') && config.cloudInit.keys.size > 0) {
    await applyCloudInit(session, vmid, config);
  }
  return errors;
}

/** These go over whether or not they were asked for now, and are written at once. */
async function applyFast(session: Session, vmid: GuestId, config: MachineConfig): Promise<void> {
  let isChanged = false;
  for (const [key, value] of config.pending.keys) {
    if (!FAST.has(key) && !isCloudInitKey(key)) continue;
    recordCloudInit(config, key, config.head.keys.get(key), value);
    config.head.keys.set(key, value);
    config.pending.keys.delete(key);
    isChanged = true;
  }
  if (isChanged) await writeMachine(session, vmid, config);
}

async function unplug(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  storages: StorageConfig,
  key: string,
  force: boolean,
): Promise<boolean> {
  if (FAST.has(key) || isCloudInitKey(key)) return true;
  if (!isDriveKey(key)) return unplugSetting(session, vmid, config, key);
  if (!hotplugFeatures(config).has('disk') || /^(efidisk|ide|sata|tpmstate)/.test(key)) return false;
  await machinesOf(session).hotplug(vmid, { kind: 'unplug', key });
  const drive = parseDrive(key, config.head.keys.get(key) ?? '');
  await detachDrive(session, storages, vmid, config, drive, force);
  return true;
}

async function plug(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  storages: StorageConfig,
  key: string,
): Promise<boolean> {
  const value = config.pending.keys.get(key) ?? '';
  if (key === 'efidisk0' || key === 'tpmstate0') return false;
  return isDriveKey(key)
    ? plugDrive(session, vmid, config, storages, key, value)
    : plugSetting(session, vmid, config, key, value);
}

/** A Cloud-Init drive is filled with all other changes in before it is plugged. */
async function plugCloudInit(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  storages: StorageConfig,
  key: string,
): Promise<boolean> {
  const value = config.pending.keys.get(key) ?? '';
  const head = { keys: new Map([...config.head.keys, [key, value]]), raw: [] };
  await applyCloudInit(session, vmid, { ...config, head });
  return plugDrive(session, vmid, config, storages, key, value);
}
