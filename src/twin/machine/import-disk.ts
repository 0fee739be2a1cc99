import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import { complainOnly } from '../container/disks.ts';
import { splitVolumeId } from '../container/volumes.ts';
import type { StorageConfig } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { allocateVolume, freeVolume, locate, refOfVolume } from '../storage/volumes.ts';
import { copyDrive } from './copy-drive.ts';
import { diskFormat } from './disk-formats.ts';
import { machinesOf } from './machines.ts';
import { printProgress } from './progress.ts';

export type ImportJob = {
  readonly vmid: number;
  readonly storages: StorageConfig;
  readonly storage: string;
  readonly format: string | undefined;
  readonly key: string;
};

export type ImportedDisk = { readonly volume: string; readonly sizeBytes: number };

/** Imports an image file of the host, one on a storage, or a guest's disk; gives the new volume. */
export async function importDisk(session: Session, job: ImportJob, source: string): Promise<ImportedDisk> {
  if (splitVolumeId(source) === undefined) {
    if ((await machinesOf(session).image(source)) === undefined) {
      throw new ToolError(`can't find file '${source}'`);
    }
    return importFile(session, job, source);
  }
  try {
    const { storage, name, parsed } = locate(job.storages, source);
    if (parsed.type !== 'images') {
      const path = pathOf(storage, name);
      if ((await machinesOf(session).image(path)) === undefined) {
        throw new ToolError(`could not get size of ${source}`);
      }
      return await importFile(session, job, path);
    }
    const drive = { key: '', file: source, sizeBytes: undefined, fields: new Map<string, string>() };
    const copied = await copyDrive(session, { ...job, isFull: true, isRunning: false }, drive);
    return { volume: copied.file, sizeBytes: copied.sizeBytes ?? 0 };
  } catch (error) {
    if (!isComplaint(error)) throw error;
    throw new ToolError(`cannot import from '${source}' - ${messageOf(error)}`);
  }
}

/** Imports an image file of the host into a new volume. */
export async function importFile(session: Session, job: ImportJob, path: string): Promise<ImportedDisk> {
  const { vmid, storages, storage } = job;
  const machines = machinesOf(session);
  const image = await machines.image(path);
  if (image === undefined) throw new ToolError(`could not get file size of ${path}`);
  const format = diskFormat(storages, storage, { format: job.format });
  if (job.format !== undefined && job.format !== format) {
    session.warn(`format '${job.format}' is not supported by the target storage - using '${format}' instead`);
  }
  const { sizeBytes } = image;
  const volume = await allocateVolume(session, storages, storage, { vmid, format, sizeBytes });
  try {
    await machines.importImage(path, refOfVolume(locate(storages, volume)));
  } catch (error) {
    if (isComplaint(error)) await complainOnly(session, () => freeVolume(session, storages, volume));
    throw error;
  }
  printProgress(session, sizeBytes);
  return { volume, sizeBytes };
}
