import { HostError, type HostVolumes, type StorageRef, type VolumeInfo, type VolumeRef } from '../host.ts';
import type { VolumeContent, World, WorldVolume } from '../world.ts';
import type { Clock } from './clock.ts';
import { ext4Usage } from './ext4.ts';

/** Guests' disks in memory. Copies, snapshots and filesystems take virtual time. */
export function createVolumes(world: World, clock: Clock): HostVolumes {
  const need = (ref: VolumeRef): WorldVolume => {
    const volume = lookUp(world, ref);
    if (volume === undefined) throw new HostError(`volume '${ref.storage.id}:${ref.name}' does not exist`);
    return volume;
  };
  const needSnapshot = (ref: VolumeRef, snapshot: string): VolumeContent | null => {
    const content = need(ref).snapshots[snapshot];
    if (content === undefined)
      throw new HostError(`no snapshot '${snapshot}' of '${ref.storage.id}:${ref.name}'`);
    return content;
  };
  return {
    list: async (storage, vmid) => listVolumes(world, storage, vmid),
    find: async (ref) => {
      const volume = lookUp(world, ref);
      return volume === undefined ? undefined : toInfo(ref.name, volume);
    },
    allocate: async (ref, shape) => {
      if (lookUp(world, ref) !== undefined) throw new HostError(`volume '${ref.name}' already exists`);
      store(world, ref, { ...shape, snapshots: {} });
    },
    makeFilesystem: async (ref) => {
      await clock.sleep(300);
      need(ref).content = { files: {}, facts: [] };
    },
    free: async (ref) => {
      delete folderOf(world, ref)?.[ref.name];
    },
    resize: async (ref, sizeBytes) => {
      need(ref).sizeBytes = sizeBytes;
    },
    snapshot: async (ref, snapshot) => {
      const volume = need(ref);
      volume.snapshots[snapshot] = volume.content === undefined ? null : structuredClone(volume.content);
      (volume.snapshotSizes ??= {})[snapshot] = volume.sizeBytes;
    },
    rollback: async (ref, snapshot) => {
      const content = needSnapshot(ref, snapshot);
      const volume = need(ref);
      if (content === null) delete volume.content;
      else volume.content = structuredClone(content);
      volume.sizeBytes = volume.snapshotSizes?.[snapshot] ?? volume.sizeBytes;
    },
    deleteSnapshot: async (ref, snapshot) => {
      needSnapshot(ref, snapshot);
      delete need(ref).snapshots[snapshot];
      delete need(ref).snapshotSizes?.[snapshot];
    },
    copy: async (source, snapshot, target) => {
      const content = snapshot === undefined ? need(source).content : needSnapshot(source, snapshot);
      await clock.sleep(5_000);
      const volume = need(target);
      if (content) volume.content = structuredClone(content);
      return { files: 11_842, bytes: 209_874_085 };
    },
    cloneLinked: async (source, snapshot, target, vmid) => {
      const { format: own, ...origin } = need(source);
      const sizeBytes = origin.snapshotSizes?.[snapshot ?? ''] ?? origin.sizeBytes;
      // A clone of a raw image file is a qcow2 file, as its name tells.
      const format = /\.(raw|qcow2|vmdk|subvol)$/.exec(target.name)?.[1] ?? own;
      const content = snapshot === undefined ? origin.content : needSnapshot(source, snapshot);
      store(world, target, {
        vmid,
        format,
        sizeBytes,
        ...(target.name.startsWith(`${source.name}/`) && { parent: source.name }),
        ...(content && { content: structuredClone(content) }),
        snapshots: {},
      });
    },
    makeBase: async (ref, baseName) => rename(world, ref, baseName, need(ref)),
    rename: async (ref, name, vmid) => rename(world, ref, name, { ...need(ref), vmid }),
    usage: async (ref) => {
      const { sizeBytes } = need(ref);
      return ext4Usage(sizeBytes, SYSTEM_BYTES);
    },
    capacity: async (storage) => {
      const { totalBytes, usedBytes } = world.capacities[storage.id] ?? {
        totalBytes: 100 * 1024 ** 3,
        usedBytes: 0,
      };
      return { totalBytes, usedBytes, availableBytes: totalBytes - usedBytes };
    },
  };
}

/** What an installed system takes up. */
export const SYSTEM_BYTES = 262_144_000;

/** The volume behind a reference, to look into; undefined where there is none. */
export function lookUp(world: World, ref: VolumeRef): WorldVolume | undefined {
  return folderOf(world, ref)?.[ref.name];
}

function listVolumes(world: World, storage: StorageRef, vmid: number | undefined): VolumeInfo[] {
  const guests = world.volumes[storage.id] ?? {};
  const folders = vmid === undefined ? Object.values(guests) : [guests[vmid] ?? {}];
  return folders
    .flatMap((folder) => Object.entries(folder).map(([name, volume]) => toInfo(name, volume)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function toInfo(name: string, volume: WorldVolume): VolumeInfo {
  return {
    name,
    vmid: volume.vmid,
    format: volume.format,
    sizeBytes: volume.sizeBytes,
    ...(volume.parent !== undefined && { parent: volume.parent }),
    snapshots: Object.keys(volume.snapshots),
  };
}

/** Volumes lie in folders by the guest whose number their name carries. */
function folderOf(world: World, ref: VolumeRef): Record<string, WorldVolume> | undefined {
  return world.volumes[ref.storage.id]?.[ownerOf(ref.name)];
}

function store(world: World, ref: VolumeRef, volume: WorldVolume): void {
  const guests = (world.volumes[ref.storage.id] ??= {});
  (guests[ownerOf(ref.name)] ??= {})[ref.name] = volume;
}

function rename(world: World, ref: VolumeRef, name: string, volume: WorldVolume): void {
  delete folderOf(world, ref)?.[ref.name];
  store(world, { storage: ref.storage, name }, volume);
}

/** `101/vm-101-disk-0.raw` and `9000/base-9000-disk-0.raw/101/vm-…` are of 101; a bare name says it itself. */
function ownerOf(name: string): string {
  return (
    /(?:^|\/)(\d+)\/[^/]+$/.exec(name)?.[1] ??
    /(\d+)-[^/]*$/.exec(
      name
        .split('/')
        .at(-1)
        ?.replace(/^[a-z]+-/, '') ?? '',
    )?.[1] ??
    '0'
  );
}
