import type { Command, Parameters } from '../call/command.ts';
import { ParameterError, ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, runWorker, type Session } from '../call/session.ts';
import { addUnused } from '../container/volumes.ts';
import { complainOnly, destroyDisks } from '../container/disks.ts';
import { refuseModified } from '../container/digest.ts';
import { splitVolumeId } from '../container/volumes.ts';
import { isTemplate, loadMachine, lockMachine, writeMachine, type MachineConfig } from '../machine/config.ts';
import { copyDrive } from '../machine/copy-drive.ts';
import { refuseWithoutImages } from '../machine/disk-formats.ts';
import { isAttached, isPlainCdrom, parseDrive, printDrive, type Drive } from '../machine/drives.ts';
import { checkMachineLock } from '../machine/locks.ts';
import { isMachineRunning } from '../machine/machines.ts';
import { findEnabled, loadStorages, type StorageConfig } from '../storage/config.ts';
import { freeVolume, locate } from '../storage/volumes.ts';
import { reassignDisk } from './reassign-disk.ts';
import { makeBases } from './template.ts';

/** `qm disk move`: to another storage or format, or to another VM. */
export const moveDisk: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const storage = parameters.text('storage');
    const target = parameters.number('target-vmid');
    if (storage !== undefined && target !== undefined) {
      throw new ToolError('either set storage or target-vmid, but not both');
    }
    if (target !== undefined) return reassignDisk(session, parameters, target);
    if (storage === undefined) {
      const message = "both 'storage' and 'target-vmid' missing, either needs to be set";
      const errors = new Map([
        ['target-vmid', message],
        ['storage', message],
      ]);
      throw new ParameterError('Parameter verification failed.', errors);
    }
    await check(session, parameters, storage);
    await runWorker(session, 'qmmove', vmid, () =>
      lockMachine(session, vmid, () => move(session, parameters, storage)),
    );
  },
};

type Found = { storages: StorageConfig; config: MachineConfig; drive: Drive; isInSnapshot: boolean };

async function check(session: Session, parameters: Parameters, storage: string): Promise<Found> {
  const storages = await loadStorages(session);
  const config = await loadMachine(session, parameters.vmid);
  checkMachineLock(config);
  refuseModified(parameters.text('digest'), config.digest);
  const key = parameters.demand('disk');
  const value = config.head.keys.get(key);
  if (value === undefined) throw new ToolError(`disk '${key}' does not exist`);
  const drive = parseDrive(key, value);
  if (drive.file === '') throw new ToolError(`disk '${key}' has no associated volume`);
  if (isPlainCdrom(drive)) throw new ToolError("you can't move a cdrom");
  const format = parameters.text('format');
  const own = locate(storages, drive.file).parsed.format;
  if (splitVolumeId(drive.file)?.storage === storage && (format === undefined || format === own)) {
    throw new ToolError("you can't move to the same storage with same format");
  }
  refuseWithoutImages(findEnabled(session, storages, storage));
  const isInSnapshot = [...config.snapshots.values()].some((section) => isAttached(section, drive.file));
  if (isInSnapshot && parameters.flag('delete')) {
    throw new ToolError("you can't move a disk with snapshots and delete the source");
  }
  return { storages, config, drive, isInSnapshot };
}

async function move(session: Session, parameters: Parameters, storage: string): Promise<void> {
  const { vmid } = parameters;
  const { storages, config, drive, isInSnapshot } = await check(session, parameters, storage);
  const made: string[] = [];
  try {
    if (isInSnapshot) session.warn('moving disk with snapshots, snapshots will not be moved!');
    const isRunning = await isMachineRunning(session, vmid);
    const job = { vmid, storages, storage, format: parameters.text('format'), isFull: true, isRunning };
    const copied = await copyDrive(session, job, drive);
    made.push(copied.file);
    config.head.keys.set(drive.key, printDrive(copied));
    if (!parameters.flag('delete')) addUnused(config.head, drive.file);
    if (isTemplate(config)) await makeBases(session, vmid, config, drive.key);
    await writeMachine(session, vmid, config);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    await destroyDisks(session, storages, made);
    throw new ToolError(`storage migration failed: ${messageOf(error)}`);
  }
  if (parameters.flag('delete')) await complainOnly(session, () => freeVolume(session, storages, drive.file));
}
