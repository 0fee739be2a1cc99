import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { byCode } from '../call/lists.ts';
import { isComplaint, messageOf, runWorker, type Session } from '../call/session.ts';
import { ENOENT, emptySection } from '../container/config.ts';
import { destroyDisks } from '../container/disks.ts';
import { refuseMissingPool } from '../container/pools.ts';
import { splitVolumeId } from '../container/volumes.ts';
import {
  destroyMachineConfig,
  isTemplate,
  loadMachine,
  lockMachine,
  machineConfigName,
  writeMachine,
  type MachineConfig,
} from '../machine/config.ts';
import { cloneConfig, type ClonePlan } from './clone-config.ts';
import { copyDrive } from '../machine/copy-drive.ts';
import { refuseWithoutImages } from '../machine/disk-formats.ts';
import {
  isCloudInit,
  isDriveKey,
  isPlainCdrom,
  parseDrive,
  printDrive,
  type Drive,
} from '../machine/drives.ts';
import { diskHas } from '../machine/linked-clone.ts';
import { checkMachineLock } from '../machine/locks.ts';
import { isMachineRunning } from '../machine/machines.ts';
import { refuseMissing } from '../machine/power.ts';
import { activate, findEnabled, findStorage, loadStorages, type StorageConfig } from '../storage/config.ts';
import { locate } from '../storage/volumes.ts';

/** `qm clone`: a template is cloned linked unless in full, everything else in full. */
export const clone: Command = { run, waits: true };

async function run(session: Session, parameters: Parameters): Promise<void> {
  const { vmid } = parameters;
  const target = Number(parameters.demand('newid'));
  session.errno = ENOENT;
  await refuseMissing(session, vmid);
  session.errno = 0;
  const { isRunning } = await plan(session, parameters);
  const copyLocked = (): Promise<void> =>
    lockMachine(session, target, () => copy(session, parameters), 1_000);
  // A source that is stopped can be cloned by several at a time.
  await runWorker(session, 'qmclone', vmid, () => lockMachine(session, vmid, copyLocked, 1_000, !isRunning));
}

/** All that can be refused before anything is done; asked again under the locks. */
async function plan(session: Session, parameters: Parameters): Promise<ClonePlan> {
  const { vmid } = parameters;
  const target = Number(parameters.demand('newid'));
  const node = parameters.text('target');
  if (node !== undefined && node !== session.host.nodeName && node !== 'localhost') {
    throw new ToolError(`no such cluster node '${node}'`);
  }
  await refuseMissingPool(session, parameters.text('pool'));
  const storages = await loadStorages(session);
  const storage = parameters.text('storage');
  if (storage !== undefined) refuseWithoutImages(findEnabled(session, storages, storage));
  const source = await loadMachine(session, vmid);
  checkMachineLock(source);
  const isRunning = await isMachineRunning(session, vmid);
  session.errno = ENOENT;
  const snapshot = parameters.text('snapname');
  const section = snapshot === undefined ? source.head : source.snapshots.get(snapshot);
  if (section === undefined) throw new ToolError(`snapshot '${snapshot}' does not exist`);
  const isFull = parameters.text('full') === undefined ? !isTemplate(source) : parameters.flag('full');
  for (const name of ['storage', 'format']) {
    if (parameters.text(name) !== undefined && !isFull) {
      throw new ToolError(`parameter '${name}' not allowed for linked clones`);
    }
  }
  const name = machineConfigName(session, target);
  if ((await session.host.files.stat(`/etc/pve/${name}`)) !== undefined) {
    throw new ToolError(`unable to create VM ${target}: config file already exists`);
  }
  const drives = [...section.keys.keys()]
    .filter(isDriveKey)
    .toSorted(byCode)
    .map((key) => parseDrive(key, section.keys.get(key) ?? ''))
    .filter((drive) => !isPlainCdrom(drive))
    .map((drive) => planDrive(storages, drive, { isFull, isRunning, storage, snapshot }));
  return { storages, isFull, isRunning, source, section, drives };
}

function planDrive(
  storages: StorageConfig,
  drive: Drive,
  how: {
    readonly isFull: boolean;
    readonly isRunning: boolean;
    readonly storage: string | undefined;
    readonly snapshot: string | undefined;
  },
): { drive: Drive; isFull: boolean } {
  const isTpm = drive.key === 'tpmstate0';
  if (how.isFull && how.isRunning && how.snapshot === undefined && isTpm) {
    throw new ToolError('cannot clone TPM state while VM is running');
  }
  findStorage(storages, how.storage ?? splitVolumeId(drive.file)?.storage ?? '');
  const isFull = how.isFull || isCloudInit(drive) || isTpm;
  const located = locate(storages, drive.file);
  if (!diskHas(located, isFull ? 'copy' : 'clone', isCloudInit(drive) ? undefined : how.snapshot)) {
    const of = how.snapshot === undefined ? '' : ' a snapshot of';
    throw new ToolError(
      `${isFull ? 'Full' : 'Linked'} clone feature is not supported for${of} '${drive.file}' (${drive.key})`,
    );
  }
  return { drive, isFull };
}

async function copy(session: Session, parameters: Parameters): Promise<void> {
  const target = Number(parameters.demand('newid'));
  const found = await plan(session, parameters);
  const config = await cloneConfig(session, parameters, found);
  const path = `/etc/pve/${machineConfigName(session, target)}`;
  await session.host.files.write(path, '# qmclone temporary file\nlock: clone\n', 0o640);
  const firewall = await session.host.files.read(`/etc/pve/firewall/${parameters.vmid}.fw`);
  if (firewall !== undefined) {
    await session.host.files.write(`/etc/pve/firewall/${target}.fw`, firewall, 0o640);
  }
  const made: string[] = [];
  try {
    await copyDrives(session, parameters, found, config, made);
    config.head.keys.delete('lock');
    const waiting = [...config.pending.keys.keys()];
    if (waiting.length > 0) {
      session.warn(`found pending changes for '${waiting.join(',')}', discarding for clone`);
      config.pending = emptySection();
    }
    await writeMachine(session, target, config);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    await destroyDisks(session, found.storages, made);
    await session.host.files.remove(`/etc/pve/firewall/${target}.fw`);
    await destroyMachineConfig(session, target);
    throw new ToolError(`clone failed: ${messageOf(error)}`);
  }
}

async function copyDrives(
  session: Session,
  parameters: Parameters,
  found: ClonePlan,
  config: MachineConfig,
  made: string[],
): Promise<void> {
  const target = Number(parameters.demand('newid'));
  const snapshot = parameters.text('snapname');
  for (const { drive, isFull } of found.drives) {
    await activate(session, found.storages, locate(found.storages, drive.file).storage.id);
    const job = {
      vmid: target,
      storages: found.storages,
      storage: parameters.text('storage'),
      format: parameters.text('format'),
      isFull,
      isRunning: found.isRunning,
      ...(snapshot !== undefined && { snapshot }),
    };
    const copied = await copyDrive(session, job, drive);
    made.push(copied.file);
    config.head.keys.set(drive.key, printDrive(copied));
    await writeMachine(session, target, config);
  }
}
