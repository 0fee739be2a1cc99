import { ToolError } from '../call/errors.ts';
import { isComplaint, type Session } from '../call/session.ts';
import { complainOnly } from '../container/disks.ts';
import { splitVolumeId } from '../container/volumes.ts';
import { findStorage, type StorageConfig } from '../storage/config.ts';
import { allocateVolume, freeVolume, locate, refOfVolume, sizeOfVolume } from '../storage/volumes.ts';
import { diskFormat, hasFolders } from './disk-formats.ts';
import { isCloudInit, type Drive } from './drives.ts';
import { CLOUD_INIT_BYTES, TPM_BYTES } from './fixed-sizes.ts';
import { cloneDisk } from './linked-clone.ts';
import { machinesOf } from './machines.ts';
import { printProgress } from './progress.ts';

/** How a drive is copied: whose the copy will be, where it goes, and what of. */
export type CopyJob = {
  readonly vmid: number;
  readonly storages: StorageConfig;
  readonly storage: string | undefined;
  readonly format: string | undefined;
  readonly isFull: boolean;
  readonly isRunning: boolean;
  readonly snapshot?: string;
};

/** Makes a copy of a drive's disk, in full or linked; gives the drive with its new volume. */
export async function copyDrive(session: Session, job: CopyJob, drive: Drive): Promise<Drive> {
  const name = drive.key === '' ? '' : `${drive.key} `;
  session.print(`create ${job.isFull ? 'full' : 'linked'} clone of drive ${name}(${drive.file})\n`);
  const file = job.isFull ? await copyFull(session, job, drive) : await copyLinked(session, job, drive);
  const fields = new Map(drive.fields);
  fields.delete('format');
  const found = await sizeOfVolume(session, job.storages, file);
  return { key: drive.key, file, sizeBytes: found?.sizeBytes ?? drive.sizeBytes, fields };
}

function copyLinked(session: Session, job: CopyJob, drive: Drive): Promise<string> {
  return cloneDisk(session, job.storages, drive.file, job.vmid, job.snapshot);
}

async function copyFull(session: Session, job: CopyJob, drive: Drive): Promise<string> {
  const { storages, vmid } = job;
  const storage = job.storage ?? splitVolumeId(drive.file)?.storage ?? '';
  const isTpm = drive.key === 'tpmstate0';
  const format = isTpm ? 'raw' : diskFormat(storages, storage, { format: job.format, source: drive.file });
  if (isCloudInit(drive)) {
    const ending = hasFolders(findStorage(storages, storage)) ? `.${format}` : '';
    const shape = { vmid, format, name: `vm-${vmid}-cloudinit${ending}`, sizeBytes: CLOUD_INIT_BYTES };
    return allocateVolume(session, storages, storage, shape);
  }
  const found = await sizeOfVolume(session, storages, drive.file);
  if (found === undefined) throw new ToolError(`volume '${drive.file}' does not exist`);
  const sizeBytes = isTpm ? TPM_BYTES : found.sizeBytes;
  const volume = await allocateVolume(session, storages, storage, { vmid, format, sizeBytes });
  try {
    const [source, target] = [locate(storages, drive.file), locate(storages, volume)];
    await machinesOf(session).copyDisk(refOfVolume(source), job.snapshot, refOfVolume(target));
  } catch (error) {
    if (isComplaint(error)) await complainOnly(session, () => freeVolume(session, storages, volume));
    throw error;
  }
  if (job.isRunning && job.snapshot === undefined) {
    session.print(`drive mirror is starting for drive-${drive.key}\nall 'mirror' jobs are ready\n`);
  } else printProgress(session, sizeBytes);
  return volume;
}
