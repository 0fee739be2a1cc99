import { describe, expect, test } from 'vitest';
import type { DesiredHost } from '../../../src/model/desired-host.ts';
import type { WorldDevice } from '../../../src/twin/host-state.ts';
import type { World } from '../../../src/twin/index.ts';
import { Secret } from '../../../src/model/value.ts';
import { done, hostWorld, outcomeOf, said, setUp } from './on-host.ts';

const ID = '/dev/disk/by-id/ata-Samsung_SSD_870_S4EVNX0R1';
const TANK: DesiredHost = {
  zfs: { pools: [{ name: 'tank', layout: 'single', disks: [ID] }], datasets: [] },
};
const WIPE = { allow: ['destroys-data'], wipeDisks: ['S4EVNX0R1'] } as const;

/** The host with something on its second disk. */
function withDisk(change: (disk: WorldDevice, world: World) => void): World {
  return hostWorld((world) => {
    const disk = world.host.devices.find(({ name }) => name === 'sdb');
    if (disk) change(disk, world);
    if (disk) disk.data = 'photos of ten years';
  });
}

function dataOn({ host }: World): string | undefined {
  return host.devices.find(({ name }) => name === 'sdb')?.data;
}

describe('D-06: a disk with any signature is left alone, not only one with a signature of ZFS', () => {
  test.each(['ext4', 'ntfs', 'LVM2_member', 'crypto_LUKS', 'linux_raid_member', 'vfat', 'btrfs', 'dos'])(
    '%s',
    async (type) => {
      const world = withDisk((disk) => {
        disk.signatures = [{ offset: '0x1', type }];
      });
      const result = await setUp(world, TANK);
      expect([result?.exitCode, said(result), done(result)]).toEqual([3, ['hypervisor/disk-not-blank'], []]);
      expect(dataOn(world)).toBe('photos of ten years');
      const [{ detail = '', remedy = '' } = {}] = outcomeOf(result).diagnostics;
      expect(detail).toContain('Samsung SSD 870, serial S4EVNX0R1, 1000 GB');
      expect(detail).toContain(`${type} on /dev/sdb`);
      expect(remedy).toContain('phoenix setup zfs --allow destroys-data --wipe-disk S4EVNX0R1');
    },
  );
});

describe('D-07: a disk of an imported pool is never used, however the pool names it', () => {
  test.each([`${ID}-part1`, '/dev/sdb1', ID])('%s', async (path) => {
    const world = withDisk((disk, { host }) => {
      disk.pttype = 'gpt';
      host.devices.push({
        name: 'sdb1',
        parent: 'sdb',
        type: 'part',
        sizeBytes: 10,
        fstype: 'zfs_member',
        label: 'old',
        signatures: [{ offset: '0x3f000', type: 'zfs_member', label: 'old' }],
      });
      host.pools['old'] = { health: 'ONLINE', isImported: true, vdevs: [{ kind: 'disk', disks: [path] }] };
    });
    const result = await setUp(world, TANK, WIPE);
    expect([result?.exitCode, said(result), done(result)]).toEqual([3, ['hypervisor/disk-in-use'], []]);
    expect(dataOn(world)).toBe('photos of ten years');
  });
});

test('D-08: a missing pool on blank disks is made without any consent', async () => {
  const world = hostWorld();
  expect((await setUp(world, TANK))?.exitCode).toBe(0);
  expect(world.host.pools['tank']?.isImported).toBe(true);
});

describe('D-10: only both consents together, for that very disk, let it be wiped', () => {
  const withPhotos = (): World =>
    withDisk((disk) => {
      disk.signatures = [{ offset: '0x438', type: 'ext4', label: 'photos' }];
      disk.fstype = 'ext4';
    });
  test.each([
    ['neither', {}],
    ['the effect alone', { allow: ['destroys-data'] }],
    ['the serial alone', { wipeDisks: ['S4EVNX0R1'] }],
    ['the serial of another disk', { allow: ['destroys-data'], wipeDisks: ['S4EVNX0R2'] }],
    ['a part of the serial', { allow: ['destroys-data'], wipeDisks: ['S4EVNX0R'] }],
  ] as const)('%s', async (_what, consent) => {
    const world = withPhotos();
    const result = await setUp(world, TANK, consent);
    expect([result?.exitCode, done(result), dataOn(world)]).toEqual([3, [], 'photos of ten years']);
  });
  test('both', async () => {
    const world = withPhotos();
    const result = await setUp(world, TANK, WIPE);
    expect([result?.exitCode, dataOn(world)]).toEqual([0, undefined]);
    expect(world.host.pools['tank']).toBeDefined();
  });
  test.each([
    [
      'what came onto the disk meanwhile',
      (disk: WorldDevice) => disk.signatures?.push({ offset: '0x0', type: 'xfs' }),
    ],
    ['what was mounted meanwhile', (disk: WorldDevice) => (disk.mountpoints = ['/mnt'])],
    ['another disk in its place', (disk: WorldDevice) => (disk.serial = 'OTHER')],
  ])('%s stops the wipe at the last moment', async (_what, happen) => {
    const world = withPhotos();
    const result = await setUp(world, TANK, {
      ...WIPE,
      faults: (operation) => {
        const disk = world.host.devices.find(({ name }) => name === 'sdb');
        if (operation.op === 'exec' && operation.script?.name === 'wipe-disk' && disk) happen(disk);
        return undefined;
      },
    });
    expect([result?.exitCode === 0, dataOn(world)]).toEqual([false, 'photos of ten years']);
  });
});

test('D-11: storages that Phoenix did not add stay, whatever the folder lacks', async () => {
  const world = hostWorld(({ files }) => {
    const path = '/etc/pve/storage.cfg';
    files[path] = {
      type: 'file',
      text: `${files[path]?.text}pbs: backup\n\tserver 10.0.0.9\n\tdatastore main\n\tcontent backup\n\n`,
    };
  });
  await setUp(world, { ...TANK, storages: [] }, { allow: ['detaches-volume'] });
  expect(world.files['/etc/pve/storage.cfg']?.text).toContain('pbs: backup\n');
});

test('D-11: a storage that Phoenix added and the folder drops goes with consent only, its data never', async () => {
  const world = hostWorld();
  const dataset = { pool: 'tank', name: 'tank/data', properties: new Map<string, string>() };
  const zfs = { pools: TANK.zfs?.pools ?? [], datasets: [dataset] };
  await setUp(world, {
    zfs,
    storages: [{ id: 'mine', type: 'zfspool', dataset: 'tank/data', content: ['rootdir'] }],
  });
  const without = await setUp(world, TANK);
  expect([without?.exitCode, said(without)]).toEqual([3, ['hypervisor/dataset-not-described']]);
  expect(world.files['/etc/pve/storage.cfg']?.text).toContain('zfspool: mine');
  const allowed = await setUp(world, TANK, { allow: ['detaches-volume', 'destroys-data'] });
  expect(allowed?.exitCode).toBe(0);
  expect(world.files['/etc/pve/storage.cfg']?.text).not.toContain('zfspool: mine');
  expect(world.host.datasets['tank/data']).toBeDefined();
});

test('D-12: nothing is upgraded unless it is asked for', async () => {
  const desired: DesiredHost = { packages: ['htop'], timezone: 'Europe/Berlin' };
  const commands = done(await setUp(hostWorld(), desired)).join('\n');
  expect(commands).not.toMatch(/upgrade|ifreload|restart/);
  expect(commands).toContain('--no-remove');
  const world = hostWorld();
  const upgraded = done(await setUp(world, desired, { options: { upgrade: true } })).join('\n');
  expect(upgraded).toContain('dist-upgrade');
  expect(done(await setUp(world, desired, { options: { upgrade: true } }))).toEqual([]);
});

test('D-42: content types are compared as a set, property values as what they mean', async () => {
  const world = hostWorld();
  const wanted = (content: readonly string[], properties: Readonly<Record<string, string>>): DesiredHost => ({
    zfs: {
      pools: TANK.zfs?.pools ?? [],
      datasets: [{ pool: 'tank', name: 'tank/data', properties: new Map(Object.entries(properties)) }],
    },
    storages: [{ id: 'data', type: 'zfspool', dataset: 'tank/data', content }],
  });
  await setUp(
    world,
    wanted(['images', 'rootdir'], { recordsize: '128K', quota: '800G', compression: 'lz4' }),
  );
  const again = await setUp(
    world,
    wanted(['rootdir', 'images'], {
      recordsize: '131072',
      quota: '0.78125T',
      compression: 'lz4',
      reservation: 'none',
    }),
  );
  expect([again?.exitCode, done(again)]).toEqual([0, []]);
});

test('D-43: nobody is asked for a password', async () => {
  const world = hostWorld();
  const desired: DesiredHost = { administrators: [{ name: 'alice', hasSudo: true, sshKeys: [] }] };
  expect((await setUp(world, desired))?.exitCode).toBe(0);
  expect(world.files['/etc/shadow']?.text).toMatch(/^alice:!:/m);
});

test('D-47: a storage is another than one whose id it begins with', async () => {
  const world = hostWorld();
  const datasets = ['shared-prod-data', 'shared-prod-data-sync'].map((name) => ({
    pool: 'tank',
    name: `tank/${name}`,
    properties: new Map<string, string>(),
  }));
  const storages = datasets.map(({ name }) => ({
    id: name.replace('/', '-'),
    type: 'zfspool' as const,
    dataset: name,
    content: ['images'],
  }));
  const zfs = { pools: TANK.zfs?.pools ?? [], datasets };
  await setUp(world, { zfs, storages: storages.slice(1) });
  await setUp(world, { zfs, storages });
  expect(world.files['/etc/pve/storage.cfg']?.text).toMatch(/zfspool: tank-shared-prod-data\n/);
});

test('D-107: sudo is given by a file of its own, with the mode that sudo wants', async () => {
  const world = hostWorld(({ files }) => {
    files['/etc/sudoers'] = { type: 'file', text: 'root ALL=(ALL:ALL) ALL\n', mode: 0o440 };
  });
  const passwordHash = new Secret('env:H', () => '$6$x');
  const administrators = [{ name: 'alice', hasSudo: true, sshKeys: [], passwordHash }];
  await setUp(world, { administrators });
  expect(world.files['/etc/sudoers']?.text).toBe('root ALL=(ALL:ALL) ALL\n');
  const file = world.files['/etc/sudoers.d/phoenix-alice'];
  expect([file?.mode, file?.text?.split('\n')[1]]).toEqual([0o440, 'alice ALL=(ALL:ALL) ALL']);
  await setUp(world, { administrators: [{ name: 'alice', hasSudo: false, sshKeys: [] }] });
  expect(world.files['/etc/sudoers.d/phoenix-alice']).toBeUndefined();
});

test('a pool that is there in another form is left as it is, and said', async () => {
  const world = hostWorld();
  await setUp(world, TANK);
  const before = structuredClone(world.host.pools);
  const other: DesiredHost = {
    zfs: { pools: [{ name: 'tank', layout: 'mirror', disks: [ID] }], datasets: [] },
  };
  const result = await setUp(world, other, WIPE);
  expect([said(result), done(result), world.host.pools]).toEqual([['hypervisor/pool-differs'], [], before]);
});

test('an exported pool is imported and never made anew', async () => {
  const world = hostWorld();
  await setUp(world, TANK);
  Object.assign(world.host.pools['tank'] ?? {}, { isImported: false });
  const result = await setUp(world, TANK, WIPE);
  expect(done(result)).toEqual(['zpool import -d /dev/disk/by-id -- tank']);
});
