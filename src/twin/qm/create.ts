import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, runWorker, type Session } from '../call/session.ts';
import { destroyDisks } from '../container/disks.ts';
import { refuseMissingPool } from '../container/pools.ts';
import { clampCpuUnits } from '../container/update.ts';
import { defaultBootOrder, printBootOrder } from '../machine/boot-order.ts';
import { checkDrives } from '../machine/check-drives.ts';
import { destroyMachineConfig, emptyMachine, lockMachine, writeMachine } from '../machine/config.ts';
import { createMachineDisks } from '../machine/create-disks.ts';
import { createLockedMachine } from '../machine/locks.ts';
import { machinesOf } from '../machine/machines.ts';
import { completeMachineNic, printMachineNic } from '../machine/nics.ts';
import { startMachine } from '../machine/power.ts';
import { newUuid } from '../machine/uuids.ts';
import { findEnabled, loadStorages, type StorageConfig } from '../storage/config.ts';

/** `qm create`: all parameters are checked first, then the disks and the configuration are made. */
export const create: Command = { run, waits: true };

const NOT_SETTINGS = [
  'vmid',
  'archive',
  'bwlimit',
  'force',
  'import-working-storage',
  'live-restore',
  'pool',
  'start',
  'storage',
  'unique',
];

async function run(session: Session, parameters: Parameters): Promise<void> {
  const { vmid } = parameters;
  machinesOf(session);
  if (parameters.text('archive') !== undefined) {
    throw new ToolError('restoring backups is not available on this node');
  }
  await refuseMissingPool(session, parameters.text('pool'));
  const storages = await loadStorages(session);
  const storage = parameters.text('storage');
  if (storage !== undefined) findEnabled(session, storages, storage);
  const values = parameters.except(NOT_SETTINGS);
  const units = values.get('cpuunits');
  if (units !== undefined) values.set('cpuunits', clampCpuUnits(units));
  checkDrives(storages, values, storage);
  for (const [key, value] of values) {
    if (!/^net\d+$/.test(key)) continue;
    values.set(key, printMachineNic(await completeMachineNic(session, value)));
  }
  try {
    await createLockedMachine(session, vmid);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    throw new ToolError(`unable to create VM ${vmid} - ${messageOf(error)}`);
  }
  await runWorker(session, 'qmcreate', vmid, async () => {
    await makeOrRemove(session, vmid, storages, values, storage);
    if (parameters.flag('start')) await runStart(session, vmid);
  });
}

async function makeOrRemove(
  session: Session,
  vmid: number,
  storages: StorageConfig,
  values: ReadonlyMap<string, string>,
  storage: string | undefined,
): Promise<void> {
  try {
    await lockMachine(session, vmid, () => make(session, vmid, storages, values, storage), 1_000);
  } catch (error) {
    if (isComplaint(error)) await destroyMachineConfig(session, vmid);
    throw error;
  }
}

async function make(
  session: Session,
  vmid: number,
  storages: StorageConfig,
  values: ReadonlyMap<string, string>,
  storage: string | undefined,
): Promise<void> {
  const config = emptyMachine();
  const { keys } = config.head;
  for (const [key, value] of values) keys.set(key, value);
  keys.set('meta', `creation-qemu=9.2.0,ctime=${Math.floor(session.host.now() / 1000)}`);
  let made: readonly string[] = [];
  try {
    const job = { vmid, storages, config, ...(storage !== undefined && { storage }) };
    const disks = await createMachineDisks(session, job, values);
    made = disks.volumes;
    for (const [key, value] of disks.values) keys.set(key, value);
    if (!keys.get('boot')) keys.set('boot', printBootOrder(defaultBootOrder(config.head)));
    if (!keys.get('smbios1')) keys.set('smbios1', `uuid=${newUuid(session)}`);
    const generation = keys.get('vmgenid');
    const isForArm = keys.get('arch') === 'aarch64';
    if ((generation === undefined || generation === '1') && !isForArm) keys.set('vmgenid', newUuid(session));
    // A Windows system sees another machine with each version of it.
    const isWindows = keys.get('ostype')?.startsWith('w') === true;
    if (isWindows && !/\d/.test(keys.get('machine') ?? '')) {
      keys.set('machine', keys.get('machine') === 'q35' ? 'pc-q35-9.2+pve1' : 'pc-i440fx-9.2+pve1');
    }
    await writeMachine(session, vmid, config);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    await destroyDisks(session, storages, made);
    throw new ToolError(`unable to create VM ${vmid} - ${messageOf(error)}`);
  }
}

/** The start is a task of its own: where it fails, the create has still succeeded. */
async function runStart(session: Session, vmid: number): Promise<void> {
  session.print('Execute autostart\n');
  try {
    await startMachine(session, vmid, { skipLock: false });
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(messageOf(error));
  }
}
