import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import type { Section } from '../container/config.ts';
import { destroyDisks } from '../container/disks.ts';
import { splitVolumeId } from '../container/volumes.ts';
import { activate, findStorage, type StorageConfig } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { allocateVolume, locate, makeBase, sizeOfVolume } from '../storage/volumes.ts';
import { isTemplate, type MachineConfig } from './config.ts';
import { defaultFormat, hasFolders } from './disk-formats.ts';
import {
  cloudInitKey,
  DRIVE_KEYS,
  isCloudInit,
  NEW_DISK,
  parseDrive,
  printDrive,
  type Drive,
} from './drives.ts';
import { CLOUD_INIT_BYTES, EFI_BYTES, TPM_BYTES } from './fixed-sizes.ts';
import { importDisk } from './import-disk.ts';

/** What drives are made for. */
export type DiskJob = {
  readonly vmid: GuestId;
  readonly storages: StorageConfig;
  readonly config: MachineConfig;
  /** Where `SIZE` alone asks for a volume. */
  readonly storage?: string;
};

export type MadeDisks = { readonly volumes: readonly string[]; readonly values: ReadonlyMap<string, string> };

/**
 * Makes the disks that drives ask for: new ones, imported ones, Cloud-Init drives; looks up the size of
 * those that exist. Gives the drives' values; where one fails, those made before it are freed again.
 */
export async function createMachineDisks(
  session: Session,
  job: DiskJob,
  wanted: ReadonlyMap<string, string>,
): Promise<MadeDisks> {
  const volumes: string[] = [];
  const values = new Map<string, string>();
  try {
    for (const key of [...wanted.keys()].filter((name) => DRIVE_KEYS.includes(name)).toSorted()) {
      const drive = parseDrive(key, wanted.get(key) ?? '');
      const made = await createDisk(session, job, drive, { keys: values, raw: [] });
      if (made !== undefined) volumes.push(made);
      values.set(key, printDrive(drive));
      if (made !== undefined) session.print(`${key}: successfully created disk '${values.get(key)}'\n`);
    }
  } catch (error) {
    if (isComplaint(error)) await destroyDisks(session, job.storages, volumes);
    throw error;
  }
  return { volumes, values };
}

async function createDisk(
  session: Session,
  job: DiskJob,
  drive: Drive,
  made: Section,
): Promise<string | undefined> {
  const name = splitVolumeId(drive.file);
  if (drive.file === '' || drive.file === 'none' || drive.file === 'cdrom') {
    drive.sizeBytes = undefined;
    return undefined;
  }
  if (drive.file === 'cloudinit' || name?.name === 'cloudinit') {
    refuseSecondCloudInit(job, drive, made);
    return createCloudInit(session, job, drive, needStorage(name?.storage ?? job.storage));
  }
  const asked = NEW_DISK.exec(drive.file);
  if (asked !== null) {
    const sizeBytes = Math.ceil(Number(asked[2]) * 1024 ** 2) * 1024;
    return createNew(session, job, drive, { storage: needStorage(asked[1] ?? job.storage), sizeBytes });
  }
  await adopt(session, job, drive, made);
  return undefined;
}

function needStorage(storage: string | undefined): string {
  if (storage === undefined) throw new ToolError('no storage ID specified (and no default storage)');
  return storage;
}

function refuseSecondCloudInit(job: DiskJob, drive: Drive, made: Section): void {
  for (const section of [job.config.head, job.config.pending, made]) {
    const key = cloudInitKey(section, drive.key);
    if (key === undefined || section.keys.get(key)?.startsWith('cloudinit') === true) continue;
    // A drive that only asks for one is none yet.
    if (/:cloudinit(,|$)/.test(section.keys.get(key) ?? '')) continue;
    throw new ToolError(`${drive.key} - cloud-init drive is already attached at '${key}'`);
  }
}

async function createCloudInit(
  session: Session,
  job: DiskJob,
  drive: Drive,
  storage: string,
): Promise<string> {
  const isFile = hasFolders(findStorage(job.storages, storage));
  const format = drive.fields.get('format') ?? (isFile ? 'qcow2' : 'raw');
  const name = `vm-${job.vmid}-cloudinit${isFile ? `.${format}` : ''}`;
  const shape = { vmid: job.vmid, format, name, sizeBytes: CLOUD_INIT_BYTES };
  try {
    drive.file = await allocateVolume(session, job.storages, storage, shape);
  } catch (error) {
    throw isComplaint(error) ? new ToolError(messageOf(error), 255) : error;
  }
  drive.fields.set('media', 'cdrom');
  drive.fields.delete('format');
  drive.sizeBytes = undefined;
  return drive.file;
}

async function createNew(
  session: Session,
  job: DiskJob,
  drive: Drive,
  asked: { readonly storage: string; readonly sizeBytes: number },
): Promise<string> {
  const { storages } = job;
  const source = drive.fields.get('import-from');
  const format = drive.fields.get('format');
  drive.fields.delete('import-from');
  drive.fields.delete('format');
  const made =
    source === undefined
      ? await allocate(session, job, drive, { ...asked, format })
      : await importDisk(session, { ...job, storage: asked.storage, format, key: drive.key }, source);
  drive.file = isTemplate(job.config) ? await makeBase(session, storages, made.volume) : made.volume;
  drive.sizeBytes = made.sizeBytes;
  if (drive.key === 'efidisk0' && source === undefined) {
    session.print(`transferred ${made.sizeBytes} B of ${made.sizeBytes} B (100.00%)\n`);
  }
  return drive.file;
}

async function allocate(
  session: Session,
  { vmid, storages }: DiskJob,
  drive: Drive,
  asked: { readonly storage: string; readonly sizeBytes: number; readonly format: string | undefined },
): Promise<{ readonly volume: string; readonly sizeBytes: number }> {
  const storage = findStorage(storages, asked.storage);
  const isTpm = drive.key === 'tpmstate0';
  const format = isTpm ? 'raw' : (asked.format ?? defaultFormat(storage));
  const sizeBytes = isTpm
    ? TPM_BYTES
    : drive.key === 'efidisk0'
      ? EFI_BYTES[drive.fields.get('efitype') === '4m' ? '4m' : '2m']
      : asked.sizeBytes;
  const volume = await allocateVolume(session, storages, asked.storage, { vmid, format, sizeBytes });
  return { volume, sizeBytes };
}

/** A volume or file that is there already: its size is looked up. */
async function adopt(session: Session, job: DiskJob, drive: Drive, made: Section): Promise<void> {
  const { storages } = job;
  if (drive.file.startsWith('/')) {
    const stat = await session.host.files.stat(drive.file);
    if (stat === undefined) throw new ToolError(`volume ${drive.file} does not exist`);
    drive.sizeBytes = stat.size;
    return;
  }
  const located = locate(storages, drive.file);
  if (located.parsed.type !== 'images' && located.parsed.type !== 'iso') {
    throw new ToolError(
      `cannot use volume ${drive.file} - content type needs to be 'images' or 'iso' at /usr/share/perl5/PVE/API2/Qemu.pm line 670.`,
    );
  }
  const format = drive.fields.get('format');
  if (format !== undefined && format !== located.parsed.format) {
    throw new ToolError(
      `drive '${drive.key}' - volume '${drive.file}' - 'format=${format}' option different from storage format '${located.parsed.format}'`,
    );
  }
  if (isCloudInit(drive)) refuseSecondCloudInit(job, drive, made);
  await activate(session, storages, located.storage.id);
  const sizeBytes = await sizeOf(session, storages, drive.file);
  if (sizeBytes === undefined) throw new ToolError(`volume ${drive.file} does not exist`);
  drive.sizeBytes = sizeBytes;
}

/** The size of a guest's disk or of an ISO image. */
async function sizeOf(
  session: Session,
  storages: StorageConfig,
  volume: string,
): Promise<number | undefined> {
  const { storage, name, parsed } = locate(storages, volume);
  if (parsed.type === 'images') return (await sizeOfVolume(session, storages, volume))?.sizeBytes;
  return (await session.host.files.stat(pathOf(storage, name)))?.size;
}
