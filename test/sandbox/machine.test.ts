import { describe, expect, test } from 'vitest';
import { parseHierarchies } from '../../src/sandbox/cgroup.ts';
import { effectiveIdMap, hostId } from '../../src/sandbox/host/id-map.ts';
import { type Machine, cpuFiles, memoryFiles } from '../../src/sandbox/host/limits.ts';
import { overlaidMountpoints } from '../../src/sandbox/mountpoints.ts';
import { isVital } from '../../src/sandbox/provision.ts';
import { templateSource } from '../../src/sandbox/template-source.ts';

const MOUNTINFO = String.raw`22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:22 / /sys rw shared:7 - sysfs sysfs rw
30 24 0:25 / /sys/fs/cgroup rw - tmpfs tmpfs rw
31 30 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
32 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
33 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
40 22 0:30 / /run rw - tmpfs tmpfs rw
41 40 0:31 / /run/user/0 rw - tmpfs tmpfs rw
42 22 254:1 / /home rw - xfs /dev/vdb rw
43 42 254:2 / /home/my\040data rw master:3 - nfs4 server:/x rw
44 22 0:40 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw
`;

test('hierarchies of both versions are found', () => {
  expect(parseHierarchies(MOUNTINFO)).toEqual([
    { mount: '/sys/fs/cgroup/cpu,cpuacct', isUnified: false, controllers: ['rw', 'cpu', 'cpuacct'] },
    { mount: '/sys/fs/cgroup/memory', isUnified: false, controllers: ['rw', 'memory'] },
    { mount: '/sys/fs/cgroup/unified', isUnified: true, controllers: [] },
  ]);
});

test('whatever holds files is overlaid, in the order of its mounting', () => {
  expect(overlaidMountpoints(MOUNTINFO)).toEqual(['/', '/home', '/home/my data', '/var/lib/lxcfs']);
});

describe('limits', () => {
  const old: Machine = { hierarchies: parseHierarchies(MOUNTINFO), cpuCount: 8, hasSwapAccounting: true };
  const unified: Machine = {
    hierarchies: [{ mount: '/sys/fs/cgroup', isUnified: true, controllers: [] }],
    cpuCount: 8,
    hasSwapAccounting: false,
  };
  const plain = (files: ReturnType<typeof cpuFiles>) => files.map(({ file, value }) => `${file}=${value}`);

  test.each<[string, Machine, readonly string[]]>([
    ['version 1', old, ['memory.limit_in_bytes=536870912', 'memory.memsw.limit_in_bytes=805306368']],
    [
      'version 1 without swap accounting',
      { ...old, hasSwapAccounting: false },
      ['memory.limit_in_bytes=536870912'],
    ],
    ['version 2', unified, ['memory.max=536870912', 'memory.swap.max=268435456']],
  ])('memory in %s', (_, machine, expected) => {
    expect(plain(memoryFiles({ memoryMiB: 512, swapMiB: 256 }, machine))).toEqual(expected);
  });

  test.each<[string, Machine, Parameters<typeof cpuFiles>[0], boolean, readonly string[]]>([
    ['nothing asked for', old, {}, false, []],
    [
      'all, version 1',
      old,
      { cores: 2, cpulimit: 1.5, cpuunits: 200 },
      false,
      ['cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=150000', 'cpu.shares=200', 'cpuset.cpus=0-1'],
    ],
    [
      'all, version 2',
      unified,
      { cores: 1, cpulimit: 0.5, cpuunits: 200 },
      false,
      ['cpu.max=50000 100000', 'cpu.weight=200', 'cpuset.cpus=0'],
    ],
    ['lifted', unified, {}, true, ['cpu.max=max 100000', 'cpu.weight=100', 'cpuset.cpus=0-7']],
    ['more cores than there are', old, { cores: 99 }, false, ['cpuset.cpus=0-7']],
  ])('processors: %s', (_, machine, limits, lift, expected) => {
    expect(plain(cpuFiles(limits, machine, lift))).toEqual(expected);
  });
});

describe('id maps', () => {
  test.each<[string, boolean, readonly (readonly [string, string])[], number, number]>([
    ['privileged', false, [], 33, 33],
    ['the default', true, [], 33, 100_033],
    [
      'a range of its own',
      true,
      [
        ['lxc.idmap', 'u 0 100000 1000'],
        ['lxc.idmap', 'u 1000 1000 1'],
        ['lxc.idmap', 'u 1001 101001 64535'],
      ],
      1000,
      1000,
    ],
    ['an id without a range', true, [['lxc.idmap', 'u 0 200000 10']], 33, 200_000],
    ['both kinds at once', true, [['lxc.idmap', 'b 0 300000 65536']], 33, 300_033],
  ])('%s', (_, unprivileged, raw, id, expected) => {
    expect(hostId(effectiveIdMap({ unprivileged, raw }), 'u', id)).toBe(expected);
  });
});

test.each([
  ['debian-12-standard_12.7-1_amd64.tar.zst', 'bookworm', false],
  ['ubuntu-24.04-standard_24.04-2_amd64.tar.zst', 'noble', false],
  ['debian-99-standard_99-1_amd64.tar.zst', 'bookworm', true],
  ['alpine-3.22-default_20250617_amd64.tar.xz', 'bookworm', true],
])('%s is made from %s, as a replacement: %s', (name, suite, isReplacement) => {
  expect(templateSource(name)).toMatchObject({ suite, isReplacement });
});

test.each([
  ['/', true],
  ['/usr', true],
  ['/usr/', true],
  ['/var', true],
  ['/etc', true],
  ['/dev/dri', true],
  ['/etc/pve/x', true],
  ['/srv', false],
  ['/mnt/media', false],
  ['/etc/nginx', false],
  ['/usr/local/share', false],
])('%s is vital: %s', (path, expected) => {
  expect(isVital(path)).toBe(expected);
});
