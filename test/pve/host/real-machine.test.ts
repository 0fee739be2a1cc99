import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HostPart } from '../../../src/model/observed-host.ts';
import { PVE_DIALECT } from '../../../src/node/index.ts';
import { parseObservation } from '../../../src/pve/observation.ts';
import { twinNode, worldFromObservation } from '../../../src/twin/index.ts';
import { done, said, setUp } from '../../managers/hypervisor/on-host.ts';

/* Observations of a real Debian 12 machine with real ZFS: before and after a setup, and with its pool
   exported. `test/e2e/host/` makes them. */
const text = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'debian-12-zfs', `${name}.txt`), 'utf8');
const hostOf = (name: string) => parseObservation(text(name)).host;
const BLANK = ['/dev/disk/by-id/virtio-BLANK1', '/dev/disk/by-id/virtio-BLANK2'];
const PARTS: readonly HostPart[] = [
  'system',
  'disks',
  'pools',
  'dataset:tank/data',
  'modules',
  'user:alice',
  'sysctl:vm.swappiness',
];
const DESIRED = {
  zfs: {
    pools: [{ name: 'tank', layout: 'mirror' as const, disks: BLANK }],
    datasets: [
      {
        pool: 'tank',
        name: 'tank/data',
        properties: new Map(
          Object.entries({ recordsize: '1M', compression: 'lz4', quota: '100M', atime: 'off' }),
        ),
      },
    ],
    arcMaxGiB: 1,
  },
};

test('blank disks are blank, and what is on the others is found', () => {
  const disks = hostOf('before')?.disks ?? [];
  expect(
    disks.map(({ name, serial, ids, findings }) => [
      name,
      serial,
      ids,
      findings.map(({ found, what }) => `${found} ${what}`),
    ]),
  ).toEqual([
    ['vda', undefined, [], ['signature ext4', 'mount /']],
    ['vdb', 'BLANK1', [BLANK[0]], []],
    ['vdc', 'BLANK2', [BLANK[1]], []],
    ['vdd', 'PHOTOS', ['/dev/disk/by-id/virtio-PHOTOS'], ['signature ext4']],
  ]);
  expect(hostOf('before')?.pools).toEqual([]);
});

test('a pool, its disks and a dataset of a real ZFS are read', () => {
  const host = hostOf('after');
  expect(host?.pools).toEqual([
    {
      name: 'tank',
      health: 'ONLINE',
      vdevs: [{ kind: 'mirror', disks: BLANK.map((disk) => `${disk}-part1`) }],
    },
  ]);
  expect(host?.filesystems).toEqual(['tank', 'tank/data']);
  expect(host?.arcMaxBytes).toBe(1024 ** 3);
  expect(host?.datasets?.get('tank/data')?.properties.get('recordsize')).toEqual({
    value: '1048576',
    source: 'local',
  });
  expect(host?.disks?.find(({ name }) => name === 'vdb')?.findings).toEqual([
    { device: 'vdb', found: 'signature', what: 'gpt' },
    { device: 'vdb1', found: 'partition', what: 'vdb1' },
    { device: 'vdb1', found: 'pool', what: 'zfs_member', label: 'tank' },
    { device: 'vdb9', found: 'partition', what: 'vdb9' },
    { device: 'vdb', found: 'signature', what: 'PMBR' },
  ]);
});

test.each(['before', 'after', 'exported'])('a twin made of what was seen %s tells the same', async (name) => {
  const world = await worldFromObservation(text(name));
  const again = await twinNode({ world, dialect: PVE_DIALECT }).observe([], {
    paths: [],
    volumesOf: [],
    host: PARTS,
  });
  const { record: _, ...seen } = hostOf(name) ?? {};
  const { record: __, ...told } = again.host ?? {};
  expect(told).toEqual(seen);
});

test('what the twin makes of the machine is what the real tools made of it', async () => {
  const world = await worldFromObservation(text('before'));
  expect((await setUp(world, DESIRED))?.exitCode).toBe(0);
  const node = twinNode({ world, dialect: PVE_DIALECT });
  const { host } = await node.observe([], {
    paths: [],
    volumesOf: [],
    host: ['pools', 'disks', 'dataset:tank/data'],
  });
  const real = hostOf('after');
  expect(host?.pools).toEqual(real?.pools);
  expect(host?.filesystems).toEqual(real?.filesystems);
  expect(host?.arcMaxBytes).toBe(real?.arcMaxBytes);
  for (const property of [
    'recordsize',
    'compression',
    'quota',
    'atime',
    'mountpoint',
    'sync',
    'reservation',
  ]) {
    const told = host?.datasets?.get('tank/data')?.properties.get(property);
    expect([property, told]).toEqual([property, real?.datasets?.get('tank/data')?.properties.get(property)]);
  }
  const kinds = (disks: NonNullable<typeof real>['disks'] = []) =>
    disks.map(({ name, findings }) => [
      name,
      [...new Set(findings.map(({ found, what }) => `${found} ${what}`))].toSorted(),
    ]);
  expect(kinds(host?.disks)).toEqual(kinds(real?.disks));
});

test('on the real state nothing is asked for again, and an exported pool is imported', async () => {
  const settled = await worldFromObservation(text('after'));
  settled.files['/etc/modprobe.d/zfs.conf'] = { type: 'file', text: 'options zfs zfs_arc_max=1073741824\n' };
  const result = await setUp(settled, DESIRED);
  expect([done(result), said(result)]).toEqual([[], ['hypervisor/user-not-described']]);
  const exported = await worldFromObservation(text('exported'));
  expect(done(await setUp(exported, DESIRED))[0]).toBe('zpool import -d /dev/disk/by-id -- tank');
});
