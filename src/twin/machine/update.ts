import type { GuestId } from '../../model/target.ts';
import { byCode, splitList } from '../call/lists.ts';
import { ParameterError, ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import { applyMachinePending } from './apply-pending.ts';
import { printBootOrder, readBootOrder } from './boot-order.ts';
import { loadMachine, writeMachine, type MachineConfig } from './config.ts';
import { createMachineDisks } from './create-disks.ts';
import { isDriveKey, isPlainCdrom, parseDrive } from './drives.ts';
import { encryptPassword } from './encrypt-password.ts';
import { hotplugMachinePending } from './hotplug-pending.ts';
import { checkMachineProtection } from './locks.ts';
import { isMachineRunning } from './machines.ts';
import {
  addMachineDelete,
  cleanMachinePending,
  pendingMachineDeletes,
  removeMachineDelete,
} from './pending.ts';
import { freeDrive, retireDrive } from './unused.ts';

/** What `qm set` asks for, checked: values by key, keys to delete, and whether their volumes go too. */
export type MachineUpdate = {
  readonly values: ReadonlyMap<string, string>;
  readonly deletes: readonly string[];
  readonly force: boolean;
};

type Work = {
  readonly vmid: GuestId;
  readonly storages: StorageConfig;
  readonly modified: Set<string>;
  /** The devices of `boot: order=…` as they are by now. */
  bootOrder: string[];
};

/**
 * Puts changes into a VM's configuration, each of them written as pending; then what can be applied now
 * (everything where it is stopped, what can be hotplugged where it runs) is.
 */
export async function updateMachine(
  session: Session,
  vmid: GuestId,
  storages: StorageConfig,
  update: MachineUpdate,
): Promise<void> {
  const { head } = await loadMachine(session, vmid);
  const bootOrder = readBootOrder(head.keys.get('boot'));
  const work: Work = { vmid, storages, modified: new Set(), bootOrder };
  for (const key of update.deletes) await queueDelete(session, work, key, update.force);
  for (const key of [...update.values.keys()].toSorted(byCode)) await queueValue(session, work, key, update);
  const config = await loadMachine(session, vmid);
  const before = pendingText(config);
  cleanMachinePending(config);
  if (pendingText(config) !== before) await writeMachine(session, vmid, config);
  if (config.pending.keys.size === 0) return;
  const errors = (await isMachineRunning(session, vmid))
    ? await hotplugMachinePending(session, vmid, config, storages, work.modified)
    : await applyMachinePending(session, vmid, config, storages);
  if (errors.size > 0) throw new ParameterError('Parameter verification failed.', errors);
}

async function queueDelete(session: Session, work: Work, key: string, force: boolean): Promise<void> {
  const { vmid, storages } = work;
  const config = await loadMachine(session, vmid);
  const waiting = config.pending.keys.get(key);
  const value = config.head.keys.get(key) ?? waiting;
  if (value === undefined) {
    session.warn(`cannot delete '${key}' - not set in current configuration!`);
    return;
  }
  work.modified.add(key);
  config.pending.keys.delete(key);
  if (work.bootOrder.includes(key)) {
    work.bootOrder = work.bootOrder.filter((name) => name !== key);
    config.pending.keys.set('boot', printBootOrder(work.bootOrder));
    work.modified.add('boot');
  }
  if (/^unused\d+$/.test(key)) {
    checkMachineProtection(config, `can't remove unused disk '${value}'`);
    const drive = parseDrive(key, value);
    await freeDrive(session, storages, vmid, config, drive);
    config.head.keys.delete(key);
  } else if (key === 'tags') config.head.keys.delete(key);
  else {
    if (isDriveKey(key)) {
      checkMachineProtection(config, `can't remove drive '${key}'`);
      if (waiting !== undefined) {
        await retireDrive(session, storages, vmid, config, parseDrive(key, waiting));
      }
    }
    addMachineDelete(config, key, force);
  }
  await writeMachine(session, vmid, config);
}

async function queueValue(session: Session, work: Work, key: string, update: MachineUpdate): Promise<void> {
  const { vmid } = work;
  const value = update.values.get(key) ?? '';
  work.modified.add(key);
  const config = await loadMachine(session, vmid);
  if (config.pending.keys.get(key) === value) return;
  const pending = config.pending.keys;
  if (isDriveKey(key)) await queueDrive(session, work, config, key, value);
  else if (key === 'tags') pending.set(key, uniqueTags(value));
  else if (key === 'cipassword') config.head.keys.set(key, encryptPassword(session, config, value));
  else if (key === 'boot') queueBoot(config, update, value);
  else pending.set(key, value);
  removeMachineDelete(config, key);
  await writeMachine(session, vmid, config);
}

async function queueDrive(
  session: Session,
  work: Work,
  config: MachineConfig,
  key: string,
  value: string,
): Promise<void> {
  const { vmid, storages } = work;
  const waiting = config.pending.keys.get(key);
  if (waiting !== undefined) {
    await retireDrive(session, storages, vmid, config, parseDrive(key, waiting));
  }
  const made = await createMachineDisks(session, { vmid, storages, config }, new Map([[key, value]]));
  for (const [name, text] of made.values) config.pending.keys.set(name, text);
  const isNewCdrom = isPlainCdrom(parseDrive(key, value)) && !work.bootOrder.includes(key);
  if (work.bootOrder.length > 0 && isNewCdrom) {
    work.bootOrder = [...work.bootOrder, key];
    config.pending.keys.set('boot', printBootOrder(work.bootOrder));
    work.modified.add('boot');
  }
}

/** Refuses an order with a device that there is not; the older settings go where an order is set. */
function queueBoot(config: MachineConfig, update: MachineUpdate, value: string): void {
  config.pending.keys.set('boot', value);
  const order = readBootOrder(value);
  for (const device of order) {
    const isThere =
      config.head.keys.has(device) || config.pending.keys.has(device) || update.values.has(device);
    if (!isThere || update.deletes.includes(device)) {
      throw new ToolError(`invalid bootorder: device '${device}' does not exist'`);
    }
  }
  if (order.length === 0) return;
  config.pending.keys.set('boot', printBootOrder(order));
  if (config.head.keys.has('bootdisk')) addMachineDelete(config, 'bootdisk', false);
}

function pendingText(config: MachineConfig): string {
  return JSON.stringify([[...config.pending.keys], [...pendingMachineDeletes(config)]]);
}

/** Tags as Proxmox keeps them: lower case, sorted, each once. */
function uniqueTags(text: string): string {
  return [...new Set(splitList(text).map((tag) => tag.toLowerCase()))].toSorted(byCode).join(';');
}
