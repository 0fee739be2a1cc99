import { ToolError } from '../call/errors.ts';
import { withLock, type Session } from '../call/session.ts';
import type { VolumeInfo, VolumeRef } from '../host.ts';
import { splitVolumeId } from '../container/volumes.ts';
import { activate, findStorage, pluginOf, refOf, type Storage, type StorageConfig } from './config.ts';
import { nextName, parseName, pathOf, type VolumeName } from './names.ts';
import { hasFeature, type Feature } from './plugins.ts';
import { printImage } from './reports.ts';

/** A volume id taken apart: its storage, its name there, and what the name says. */
export type Located = { readonly storage: Storage; readonly name: string; readonly parsed: VolumeName };

/** Finds the storage of a volume id; refuses ids, storages and names that there cannot be. */
export function locate(storages: StorageConfig, volume: string): Located {
  const split = splitVolumeId(volume);
  if (split === undefined) throw new ToolError(`unable to parse volume ID '${volume}'`);
  const storage = findStorage(storages, split.storage);
  return { storage, name: split.name, parsed: parseName(storage, split.name) };
}

export function refOfVolume(located: Located): VolumeRef {
  return { storage: refOf(located.storage), name: located.name };
}

/** Has a volume a feature, at a snapshot or as it is? Linked clones of containers may not be qcow2 images. */
export function volumeHas(located: Located, feature: Feature, snapshot?: string): boolean {
  const type = pluginOf(located.storage);
  const isImageClone = feature === 'clone' && type.naming === 'files' && located.storage.type !== 'btrfs';
  if (isImageClone) return false;
  const state = snapshot !== undefined ? 'snap' : located.parsed.isBase ? 'base' : 'current';
  return hasFeature(type, feature, state, located.parsed.format);
}

/** Allocates a volume, with the next free name unless one is given; gives its id. */
export async function allocateVolume(
  session: Session,
  storages: StorageConfig,
  storageId: string,
  shape: {
    readonly vmid: number;
    readonly format: string;
    readonly name?: string;
    readonly sizeBytes: number;
  },
): Promise<string> {
  const storage = await activate(session, storages, storageId);
  return lockStorage(session, storage, async () => {
    const { vmid, format, sizeBytes } = shape;
    const { naming } = pluginOf(storage);
    const ref = refOf(storage);
    const given = naming === 'files' && shape.name ? `${vmid}/${shape.name}` : shape.name;
    const name =
      given ||
      nextName(
        storage,
        vmid,
        format,
        (await session.host.volumes.list(ref, vmid)).map((found) => found.name),
      );
    const own = `${format === 'subvol' ? 'subvol' : 'vm'}-${vmid}-`;
    if (naming !== 'files' && !name.startsWith(own)) {
      throw new ToolError(`illegal name '${name}' - should be '${own}*'`);
    }
    const parsed = parseName(storage, name);
    if (naming === 'files' && parsed.format !== format) {
      throw new ToolError(
        `illegal name '${parsed.file}' - wrong extension for format ('${parsed.format} != '${format}')`,
      );
    }
    const path = pathOf(storage, name);
    if ((await session.host.volumes.find({ storage: ref, name })) !== undefined) {
      throw new ToolError(`disk image '${path.replace(/\/disk\.raw$/, '')}' already exists`);
    }
    if (naming === 'files' && format === 'subvol' && sizeBytes !== 0) {
      throw new ToolError(
        storage.type === 'btrfs'
          ? 'btrfs quotas are currently not supported, use an unsized subvolume or a raw file'
          : 'storage does not support subvol quotas',
      );
    }
    if (naming === 'files' && format !== 'subvol' && (storage.type !== 'btrfs' || format !== 'raw')) {
      printImage(session, path, format, sizeBytes);
    }
    await session.host.volumes.allocate({ storage: ref, name }, { vmid, format, sizeBytes });
    return `${storage.id}:${name}`;
  });
}

/** Frees a volume; one that is gone already is only complained about. */
export async function freeVolume(session: Session, storages: StorageConfig, volume: string): Promise<void> {
  const located = locate(storages, volume);
  const storage = await activate(session, storages, located.storage.id);
  await lockStorage(session, storage, async () => {
    const ref = refOf(storage);
    if (located.parsed.isBase && (await isBaseInUse(session, located))) {
      throw new ToolError(`base volume '${located.name}' is still in use by linked clones`);
    }
    if (located.parsed.type !== 'images') return freeFile(session, located);
    if ((await session.host.volumes.find({ storage: ref, name: located.name })) === undefined) {
      const path = pathOf(storage, located.name);
      if (storage.type === 'btrfs') {
        const folder = path.replace(/\/disk\.raw$/, '');
        throw new ToolError(`command 'btrfs subvolume delete -- ${folder}' failed: exit code 1`);
      }
      // Of pools and volume groups only what is there is removed, without a word.
      if (pluginOf(storage).naming === 'files') session.warn(`disk image '${path}' does not exist`);
      return;
    }
    await session.host.volumes.free({ storage: ref, name: located.name });
  });
}

/** Turns a guest's volume into a base that linked clones rest on; gives its new id. */
export async function makeBase(session: Session, storages: StorageConfig, volume: string): Promise<string> {
  const { storage, name, parsed } = locate(storages, volume);
  await activate(session, storages, storage.id);
  if (parsed.isBase) throw new ToolError('create_base not possible with base image');
  const baseFile = parsed.file
    .replace(/^vm-/, 'base-')
    .replace(/^subvol-/, pluginOf(storage).naming === 'zfs' ? 'basevol-' : 'subvol-');
  const baseName = name.slice(0, name.length - parsed.file.length) + baseFile;
  return lockStorage(session, storage, async () => {
    await session.host.volumes.makeBase({ storage: refOf(storage), name }, baseName);
    return `${storage.id}:${baseName}`;
  });
}

/** Makes a copy-on-write clone of a base or a snapshot for another guest; gives its id. */
export async function cloneVolume(
  session: Session,
  storages: StorageConfig,
  volume: string,
  vmid: number,
  snapshot: string | undefined,
  format?: string,
): Promise<string> {
  const { storage, name, parsed } = locate(storages, volume);
  await activate(session, storages, storage.id);
  return lockStorage(session, storage, async () => {
    const ref = refOf(storage);
    const taken = (await session.host.volumes.list(ref, vmid)).map((found) => found.name);
    const own = nextName(storage, vmid, format ?? parsed.format, taken);
    const base = pluginOf(storage).naming === 'files' ? `${parsed.vmid}/${parsed.file}` : parsed.file;
    const target = /^(btrfs|lvm|lvmthin)$/.test(storage.type) ? own : `${base}/${own}`;
    await session.host.volumes.cloneLinked(
      { storage: ref, name },
      snapshot,
      { storage: ref, name: target },
      vmid,
    );
    return `${storage.id}:${target}`;
  });
}

/** The size of a volume as its storage tells it. */
export async function sizeOfVolume(
  session: Session,
  storages: StorageConfig,
  volume: string,
): Promise<VolumeInfo | undefined> {
  return session.host.volumes.find(refOfVolume(locate(storages, volume)));
}

/** Do linked clones rest on a base? */
export async function isBaseInUse(session: Session, located: Located): Promise<boolean> {
  if (located.storage.type === 'btrfs') return false;
  const all = await session.host.volumes.list(refOf(located.storage));
  return all.some((volume) => volume.parent === located.name);
}

async function freeFile(session: Session, located: Located): Promise<void> {
  const path = pathOf(located.storage, located.name);
  if ((await session.host.files.stat(path)) === undefined) {
    return session.warn(`disk image '${path}' does not exist`);
  }
  await session.host.files.remove(path);
}

function lockStorage<T>(session: Session, storage: Storage, code: () => Promise<T>): Promise<T> {
  return withLock(session, `/var/lock/pve-manager/pve-storage-${storage.id}`, 60_000, code);
}
