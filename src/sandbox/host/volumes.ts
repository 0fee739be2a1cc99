import { chmod, chown, mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import {
  HostError,
  type CopyFigures,
  type HostVolumes,
  type VolumeInfo,
  type VolumeRef,
} from '../../twin/host.ts';
import { mustRun, runCommand } from '../command.ts';
import { INSIDE } from '../layout.ts';
import { describeImage, growImage, makeImage, makeOverlay, removeImage } from './disk-image.ts';
import { machinePid } from './machines/run-state.ts';
import { whilePaused } from './machines/pause.ts';
import { createSubvolume, deleteSubvolume, setReadOnly, snapshotSubvolume } from './subvolume.ts';
import {
  type VolumeRecord,
  dataPath,
  hideVolume,
  imageIn,
  imagePath,
  readRecord,
  showVolume,
  snapshotPath,
  toInfo,
  volumeFolder,
  volumeNames,
  writeRecord,
} from './volume-store.ts';

/**
 * Volumes of every storage as btrfs subvolumes on the sandbox's disk. A VM's disk is an image file in
 * its subvolume. Of a container's volume the size is kept, not enforced: a guest can fill the disk that
 * all share.
 */
export function hostVolumes(): HostVolumes {
  return {
    list: async (storage, vmid) => {
      const found: VolumeInfo[] = [];
      for (const name of await volumeNames(storage)) {
        const record = await readRecord({ storage, name });
        if (record && (vmid === undefined || record.vmid === vmid)) found.push(toInfo(name, record));
      }
      return found;
    },
    find: async (volume) => {
      const record = await readRecord(volume);
      return record && toInfo(volume.name, record);
    },
    allocate: async (volume, { vmid, format, sizeBytes }) => {
      await prepareFolder(volume);
      await createSubvolume(dataPath(volume));
      // Whatever is no container's folder may be a VM's disk; `makeFilesystem` says where it is none.
      const isImage = format !== 'subvol';
      if (isImage) await makeImage(imagePath(volume, format), format, sizeBytes);
      await writeRecord(volume, { vmid, format, sizeBytes, isImage, snapshots: [] });
      await showVolume(volume);
    },
    makeFilesystem: async (volume, rootId) => {
      await giveToContainer(volume);
      await chown(dataPath(volume), rootId, rootId);
      await chmod(dataPath(volume), 0o755);
    },
    free: async (volume) => {
      await mustHave(volume);
      await removeVolume(volume);
    },
    resize: async (volume, sizeBytes) => {
      const { vmid, format, isImage } = await mustHave(volume);
      // The image of a running VM is QEMU's to grow, as the tool asks it to afterwards.
      if (isImage === true && (await machinePid(vmid)) === undefined) {
        await growImage(imagePath(volume, format), format, sizeBytes);
      }
      await change(volume, (record) => ({ ...record, sizeBytes }));
    },
    snapshot: async (volume, snapshot) => {
      await mkdir(join(volumeFolder(volume), 'snapshots'), { recursive: true });
      await deleteSubvolume(snapshotPath(volume, snapshot));
      const { vmid, isImage } = await mustHave(volume);
      const take = () => snapshotSubvolume(dataPath(volume), snapshotPath(volume, snapshot), true);
      await (isImage === true ? whilePaused(vmid, take) : take());
      await change(volume, (record) => ({
        ...record,
        snapshots: [...record.snapshots.filter((name) => name !== snapshot), snapshot],
      }));
    },
    rollback: async (volume, snapshot) => {
      await mustHaveSnapshot(volume, snapshot);
      await replaceData(volume, snapshotPath(volume, snapshot));
      const { format, isImage } = await mustHave(volume);
      if (isImage !== true) return;
      const size = (await describeImage(imagePath(volume, format)))?.sizeBytes;
      if (size !== undefined) await change(volume, (record) => ({ ...record, sizeBytes: size }));
    },
    deleteSnapshot: async (volume, snapshot) => {
      await mustHaveSnapshot(volume, snapshot);
      await change(volume, (record) => ({
        ...record,
        snapshots: record.snapshots.filter((name) => name !== snapshot),
      }));
      await deleteSubvolume(snapshotPath(volume, snapshot));
    },
    copy: async (source, snapshot, target) => {
      await giveToContainer(target);
      const from = await contentPath(source, snapshot);
      await replaceData(target, from);
      return countFiles(from);
    },
    cloneLinked: async (source, snapshot, target, vmid) => {
      const record = await mustHave(source);
      const from = await contentPath(source, snapshot);
      await prepareFolder(target);
      const format = formatOf(target.name) ?? record.format;
      const sizeBytes = await makeClone({ from, record }, { target, format });
      await writeRecord(target, {
        vmid,
        format,
        sizeBytes: sizeBytes ?? record.sizeBytes,
        isImage: record.isImage === true,
        parent: source.name,
        snapshots: [],
      });
      await showVolume(target);
    },
    makeBase: async (volume, baseName) => {
      const { vmid } = await mustHave(volume);
      const base = { ...volume, name: baseName };
      await move(volume, base, vmid);
      await setReadOnly(dataPath(base), true);
    },
    rename: (volume, name, vmid) => move(volume, { ...volume, name }, vmid),
    usage: async (volume) => {
      const { sizeBytes } = await mustHave(volume);
      const usedBytes = await bytesBelow(dataPath(volume));
      return { totalBytes: sizeBytes, usedBytes, availableBytes: Math.max(0, sizeBytes - usedBytes) };
    },
    capacity: async () => {
      const { blocks, bfree, bavail, bsize } = await statfs(INSIDE.disk);
      return {
        totalBytes: blocks * bsize,
        usedBytes: (blocks - bfree) * bsize,
        availableBytes: bavail * bsize,
      };
    },
  };
}

/** A container's files lie in the subvolume itself, where a new volume has an image. */
async function giveToContainer(volume: VolumeRef): Promise<void> {
  const { format, isImage } = await mustHave(volume);
  if (isImage !== true) return;
  await hideVolume(volume);
  await removeImage(imagePath(volume, format));
  await change(volume, (record) => ({ ...record, isImage: false }));
  await showVolume(volume);
}

/** The format that a volume's name tells; undefined for one of a pool. */
function formatOf(name: string): string | undefined {
  return /\.(raw|qcow2|vmdk|subvol)$/.exec(name)?.[1];
}

/** Fills a clone: a VM's disk in another format rests on the original, all else is a copy-on-write copy. */
async function makeClone(
  { from, record }: { readonly from: string; readonly record: VolumeRecord },
  { target, format }: { readonly target: VolumeRef; readonly format: string },
): Promise<number | undefined> {
  const isImage = record.isImage === true;
  if (!isImage || format !== 'qcow2') {
    await snapshotSubvolume(from, dataPath(target));
    return isImage ? (await describeImage(imagePath(target, format)))?.sizeBytes : undefined;
  }
  await createSubvolume(dataPath(target));
  await makeOverlay(imagePath(target, format), { path: imageIn(from, record.format), format: record.format });
  return (await describeImage(imagePath(target, format)))?.sizeBytes;
}

/** Bytes that the files of a folder take, other filesystems left out. */
export async function bytesBelow(path: string): Promise<number> {
  const { stdout } = await runCommand(['du', '-sxB1', path]);
  return Number(stdout.split('\t')[0]) || 0;
}

/** Puts a copy-on-write copy of a subvolume in the place of a volume's content. */
export async function replaceData(volume: VolumeRef, source: string): Promise<void> {
  const fresh = join(volumeFolder(volume), 'fresh');
  await deleteSubvolume(fresh);
  await snapshotSubvolume(source, fresh);
  await deleteSubvolume(dataPath(volume));
  await rename(fresh, dataPath(volume));
}

async function prepareFolder(volume: VolumeRef): Promise<void> {
  if (await readRecord(volume)) throw new HostError(`volume '${volume.name}' already exists`);
  await removeVolume(volume);
  await mkdir(volumeFolder(volume), { recursive: true });
}

async function removeVolume(volume: VolumeRef): Promise<void> {
  await hideVolume(volume);
  await rm(join(volumeFolder(volume), 'record.json'), { force: true });
  const snapshots = join(volumeFolder(volume), 'snapshots');
  for (const name of await readdir(snapshots).catch(() => [])) await deleteSubvolume(join(snapshots, name));
  await deleteSubvolume(join(volumeFolder(volume), 'fresh'));
  await deleteSubvolume(dataPath(volume));
  await rm(volumeFolder(volume), { recursive: true, force: true });
}

async function move(volume: VolumeRef, target: VolumeRef, vmid: number): Promise<void> {
  const record = await mustHave(volume);
  if (await readRecord(target)) throw new HostError(`volume '${target.name}' already exists`);
  await hideVolume(volume);
  await rename(volumeFolder(volume), volumeFolder(target));
  await writeRecord(target, { ...record, vmid });
  await showVolume(target);
}

async function change(volume: VolumeRef, edit: (record: VolumeRecord) => VolumeRecord): Promise<void> {
  await writeRecord(volume, edit(await mustHave(volume)));
}

async function mustHave(volume: VolumeRef): Promise<VolumeRecord> {
  const record = await readRecord(volume);
  if (record === undefined)
    throw new HostError(`volume '${volume.storage.id}:${volume.name}' does not exist`);
  return record;
}

async function mustHaveSnapshot(volume: VolumeRef, snapshot: string): Promise<void> {
  const { snapshots } = await mustHave(volume);
  if (!snapshots.includes(snapshot)) throw new HostError(`snapshot '${snapshot}' does not exist`);
}

async function contentPath(volume: VolumeRef, snapshot: string | undefined): Promise<string> {
  if (snapshot === undefined) {
    await mustHave(volume);
    return dataPath(volume);
  }
  await mustHaveSnapshot(volume, snapshot);
  return snapshotPath(volume, snapshot);
}

async function countFiles(path: string): Promise<CopyFigures> {
  const stdout = await mustRun(['find', path, '-xdev', '-printf', '%s\n']);
  const sizes = stdout.split('\n').filter(Boolean);
  return { files: sizes.length, bytes: sizes.reduce((total, size) => total + Number(size), 0) };
}
