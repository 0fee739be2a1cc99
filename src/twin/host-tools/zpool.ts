import type { WorldDevice } from '../host-state.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import { deviceAt, whyInUse, whyNotBlank } from './disks.ts';
import { refuses, type HostTool } from './tool.ts';
import { addDataset } from './zfs.ts';

/** `zpool import -d FOLDER -- NAME` */
export const zpool: HostTool = async ({ world, host }, { words }) => {
  const name = words.at(-1) ?? '';
  if (words[0] !== 'import') return refuses(`unrecognized command '${words[0]}'`, 2);
  const pool = world.host.pools[name];
  if (pool?.isImported === true) {
    return refuses(`cannot import '${name}': a pool with that name already exists`);
  }
  if (pool) pool.isImported = true;
  else {
    // Seen by its labels alone: what is in it nobody knows before.
    const members = world.host.devices.filter(({ signatures = [] }) =>
      signatures.some(({ type, label }) => type === 'zfs_member' && label === name),
    );
    if (members.length === 0) return refuses(`cannot import '${name}': no such pool available`);
    const disks = members.map((member) => `/dev/${member.name}`);
    world.host.pools[name] = {
      health: 'ONLINE',
      isImported: true,
      vdevs: disks.map((disk) => ({ kind: 'disk', disks: [disk] })),
    };
  }
  if (world.host.datasets[name] === undefined) await addDataset({ world, host }, name);
  return {};
};

/** Makes a pool of disks that carry nothing. */
export const createPool: HostTool = async (machine, { words }) => {
  const { world } = machine;
  const [name = '', ...topology] = words;
  const paths = topology.filter((word) => word.startsWith('/dev/'));
  for (const path of paths) {
    const disk = deviceAt(world, path);
    if (!disk) return refuses(`no pool was made: ${path} is gone`, 3);
    const why = whyNotBlank(world, disk);
    if (why !== undefined) return refuses(`no pool was made: ${path} ${why}`, 3);
  }
  const existing = world.host.pools[name];
  if (existing?.isImported === true) return refuses(`cannot create '${name}': pool already exists`);
  const [kind = ''] = topology;
  const isPlain = kind.startsWith('/dev/');
  const least = { mirror: 2, raidz1: 2, raidz2: 3, raidz3: 4 }[kind] ?? 1;
  if (paths.length < least)
    return refuses(`invalid vdev specification: ${kind} requires at least ${least} devices`);
  world.host.pools[name] = { health: 'ONLINE', isImported: true, vdevs: vdevsOf(topology, isPlain) };
  for (const path of paths) label(world, deviceAt(world, path), name);
  await addDataset(machine as { world: World; host: Host }, name);
  return {};
};

function vdevsOf(topology: readonly string[], isPlain: boolean) {
  const member = (path: string): string => (path.includes('/by-id/') ? `${path}-part1` : `${path}1`);
  if (isPlain) return topology.map((path) => ({ kind: 'disk', disks: [member(path)] }));
  const vdevs: { kind: string; disks: string[] }[] = [];
  for (const word of topology) {
    if (word.startsWith('/dev/')) vdevs.at(-1)?.disks.push(member(word));
    else vdevs.push({ kind: word, disks: [] });
  }
  return vdevs;
}

/** A disk of a pool: a partition table, a large partition with the pool's labels, a small one at its end. */
function label(world: World, disk: WorldDevice | undefined, pool: string): void {
  if (!disk) return;
  delete disk.data;
  disk.pttype = 'gpt';
  disk.signatures = [
    { offset: '0x200', type: 'gpt' },
    { offset: '0x1fe', type: 'PMBR' },
  ];
  const part = { parent: disk.name, type: 'part', pttype: 'gpt' };
  world.host.devices.push(
    {
      ...part,
      name: `${disk.name}1`,
      sizeBytes: disk.sizeBytes - 9 * 1024 ** 2,
      fstype: 'zfs_member',
      label: pool,
      signatures: [{ offset: '0x3f000', type: 'zfs_member', label: pool }],
    },
    { ...part, name: `${disk.name}9`, sizeBytes: 8 * 1024 ** 2 },
  );
}

/** Wipes a disk that nothing uses, where it carries what was agreed on and nothing more. */
export const wipeDisk: HostTool = async ({ world }, { words }) => {
  const [path = '', name = '', serial = '', agreed = ''] = words;
  const disk = deviceAt(world, path);
  if (disk?.name !== name) return refuses(`not wiped: ${path} is not /dev/${name}`, 3);
  if (disk.serial !== serial)
    return refuses(`not wiped: its serial is ${disk.serial}, agreed on was ${serial}`, 3);
  const why = whyInUse(world, disk);
  if (why !== undefined) return refuses(`not wiped: ${why}`, 3);
  const parts = world.host.devices.filter(({ parent }) => parent === name);
  const known = `, ${agreed},`;
  for (const device of [disk, ...parts]) {
    for (const { type } of device.signatures ?? []) {
      const isKnown = ['signature', 'pool'].some((found) =>
        known.includes(`, ${device.name} ${found} ${type},`),
      );
      if (!isKnown)
        return refuses(`not wiped: ${type} on /dev/${device.name} was not there when it was agreed on`, 3);
    }
    if (!known.includes(`, ${device.name} `)) return refuses(`not wiped: /dev/${device.name} is new`, 3);
  }
  world.host.devices = world.host.devices.filter((device) => !parts.includes(device));
  for (const [pool, { isImported, vdevs }] of Object.entries(world.host.pools)) {
    const isOn = vdevs.some(({ disks }) =>
      disks.some((one) => (disk.ids ?? []).some((id) => one.startsWith(id))),
    );
    if (!isImported && isOn) delete world.host.pools[pool];
  }
  delete disk.signatures;
  delete disk.pttype;
  delete disk.fstype;
  delete disk.label;
  delete disk.data;
  return {};
};

/** Sets the live limit of ZFS's cache. */
export const setArcLimit: HostTool = async ({ world }, { words }) => {
  world.host.arcMaxBytes = Number(words[0]);
  return {};
};
