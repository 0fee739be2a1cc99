import { mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StorageRef, VolumeInfo, VolumeRef } from '../../twin/host.ts';
import type { GuestId } from '../../model/target.ts';
import { INSIDE } from '../layout.ts';

/** What is kept of a volume beside its content. */
export type VolumeRecord = {
  readonly vmid: GuestId;
  readonly format: string;
  readonly sizeBytes: number;
  /** Is its content a VM's disk, an image file? A container's volume holds files. */
  readonly isImage?: boolean;
  readonly parent?: string;
  /** In the order they were made. */
  readonly snapshots: readonly string[];
};

/** The subvolume with a volume's content. */
export function dataPath(volume: VolumeRef): string {
  return join(volumeFolder(volume), 'data');
}

/** The file in a volume's subvolume that is a VM's disk. */
export function imagePath(volume: VolumeRef, format: string): string {
  return imageIn(dataPath(volume), format);
}

/** The same in any folder that holds a volume's content. */
export function imageIn(folder: string, format: string): string {
  return join(folder, `disk.${format}`);
}

export function snapshotPath(volume: VolumeRef, snapshot: string): string {
  return join(volumeFolder(volume), 'snapshots', encodeURIComponent(snapshot));
}

/** The folder of a volume: `data`, `snapshots/…` and `record.json`. */
export function volumeFolder({ storage, name }: VolumeRef): string {
  return join(storageFolder(storage), encodeURIComponent(name));
}

export async function readRecord(volume: VolumeRef): Promise<VolumeRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(volumeFolder(volume), 'record.json'), 'utf8')) as VolumeRecord;
  } catch {
    return undefined;
  }
}

/** A volume exists once its record does; a folder without one is what a killed tool left. */
export async function writeRecord(volume: VolumeRef, record: VolumeRecord): Promise<void> {
  const path = join(volumeFolder(volume), 'record.json');
  await writeFile(`${path}.new`, JSON.stringify(record));
  await rename(`${path}.new`, path);
}

export function toInfo(name: string, record: VolumeRecord): VolumeInfo {
  const { vmid, format, sizeBytes, parent, snapshots } = record;
  return { name, vmid, format, sizeBytes, ...(parent !== undefined && { parent }), snapshots };
}

/** Names of a storage's volumes, sorted. */
export async function volumeNames(storage: StorageRef): Promise<string[]> {
  const names = await readdir(storageFolder(storage)).catch(() => []);
  return names.map(decodeURIComponent).toSorted();
}

/** Shows a volume where Proxmox would have put it: people's scripts look there. */
export async function showVolume(volume: VolumeRef): Promise<void> {
  const link = shownPath(volume);
  if (link === undefined) return;
  const record = await readRecord(volume);
  const target = record?.isImage === true ? imagePath(volume, record.format) : dataPath(volume);
  await mkdir(dirname(link), { recursive: true });
  await symlink(target, link).catch(() => undefined);
}

export async function hideVolume(volume: VolumeRef): Promise<void> {
  const link = shownPath(volume);
  if (link !== undefined) await rm(link, { force: true });
}

function shownPath({ storage, name }: VolumeRef): string | undefined {
  // A linked clone's name begins with that of its base; its file lies with its guest's own.
  const own = name.split('/').slice(-2).join('/');
  return storage.path.startsWith('/') ? join(storage.path, 'images', own) : undefined;
}

function storageFolder(storage: StorageRef): string {
  return join(INSIDE.volumes, encodeURIComponent(storage.id));
}
