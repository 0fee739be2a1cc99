import type { WorldDevice } from '../host-state.ts';
import type { World } from '../world.ts';

/** The whole disk at a path below /dev. */
export function deviceAt(world: World, path: string): WorldDevice | undefined {
  return world.host.devices.find(({ name, ids = [] }) => path === `/dev/${name}` || ids.includes(path));
}

/** A device and everything that is made of it, from top to bottom. */
export function familyOf(world: World, name: string): readonly WorldDevice[] {
  const names = new Set([name]);
  for (const parent of names) {
    for (const device of world.host.devices) if (device.parent === parent) names.add(device.name);
  }
  return world.host.devices.filter((device) => names.has(device.name));
}

/** Why a disk is not blank; undefined for one that carries nothing at all. */
export function whyNotBlank(world: World, disk: WorldDevice): string | undefined {
  const family = familyOf(world, disk.name);
  if (family.length > 1) return `has partitions or is in use: ${family.map(({ name }) => name).join(' ')}`;
  const [signature] = disk.signatures ?? [];
  if (disk.isUnreadable === true) return 'cannot be read';
  if (signature) return `carries ${signature.type}`;
  if ((disk.mountpoints ?? []).length > 0) return 'is mounted';
  return (disk.holders ?? []).length > 0 ? 'is in use' : undefined;
}

/** Why nobody may wipe a disk: something uses it. */
export function whyInUse(world: World, disk: WorldDevice): string | undefined {
  const family = familyOf(world, disk.name);
  const mounted = family.find(({ mountpoints = [] }) => mountpoints.length > 0);
  if (mounted) return `it is mounted or swap: ${mounted.mountpoints?.join(' ')}`;
  const held = family.find(
    ({ holders = [], type }) => holders.length > 0 || !['disk', 'part'].includes(type),
  );
  if (held) return `it is in use by ${held.name}`;
  const names = new Set(family.map(({ name }) => name));
  const ids = new Set(family.flatMap(({ ids = [] }) => ids));
  const inPool = Object.entries(world.host.pools).find(
    ([, { isImported, vdevs }]) =>
      isImported &&
      vdevs.some((vdev) =>
        vdev.disks.some(
          (path) =>
            names.has(path.replace('/dev/', '')) || ids.has(path) || ids.has(path.replace(/-part\d+$/, '')),
        ),
      ),
  );
  return inPool && `it is in the imported pool ${inPool[0]}`;
}
