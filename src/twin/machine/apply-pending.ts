import type { GuestId } from '../../model/target.ts';
import { byCode } from '../call/lists.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import { applyCloudInit } from './cloud-init-drive.ts';
import { writeMachine, type MachineConfig } from './config.ts';
import { isCloudInit, isDriveKey, parseDrive } from './drives.ts';
import { cleanMachinePending, pendingMachineDeletes, removeMachineDelete } from './pending.ts';
import { detachDrive, retireDrive } from './unused.ts';

/**
 * Applies all that is pending to a stopped VM and writes it; a new Cloud-Init drive is filled. What
 * fails stays pending and is complained about under its key.
 */
export async function applyMachinePending(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  storages: StorageConfig,
): Promise<Map<string, string>> {
  const errors = new Map<string, string>();
  const { head, pending } = config;
  if (pending.keys.size === 0) return errors;
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
  for (const [key, force] of [...pendingMachineDeletes(config)].toSorted(([a], [b]) => byCode(a, b))) {
    const value = head.keys.get(key);
    await attempt(
      key,
      async () => {
        if (value === undefined || !isDriveKey(key)) return;
        await detachDrive(session, storages, vmid, config, parseDrive(key, value), force);
      },
      () => {
        removeMachineDelete(config, key);
        head.keys.delete(key);
      },
    );
  }
  cleanMachinePending(config);
  let isFilled = true;
  for (const key of [...pending.keys.keys()].toSorted(byCode)) {
    if (key === 'delete') continue;
    const [before, after] = [head.keys.get(key), pending.keys.get(key) ?? ''];
    await attempt(
      key,
      async () => {
        if (before === undefined || !isDriveKey(key)) return;
        await retireDrive(session, storages, vmid, config, parseDrive(key, before));
      },
      () => {
        if (isDriveKey(key) && isCloudInit(parseDrive(key, after))) isFilled = false;
        head.keys.set(key, after);
        pending.keys.delete(key);
      },
    );
  }
  await writeMachine(session, vmid, config);
  if (!isFilled) await applyCloudInit(session, vmid, config);
  return errors;
}
