import { guest, lxc, node, type BrokenCase } from './case.ts';

const pools = (...list: readonly string[]): Record<string, string> =>
  node(`"zfs": { "pools": [${list.join(', ')}] }`);
const pool = (name: string, level: string, disks: string): string =>
  `{ "name": "${name}", "raid_level": "${level}", "disks": ${disks} }`;

/** The host's own pools and drivers. */
export const HOST: readonly BrokenCase[] = [
  {
    name: 'a mirror of one disk',
    files: pools(pool('tank', 'mirror', '▸["/dev/disk/by-id/a"]')),
    code: 'pool-layout',
    remedy: 'Name more disks',
    detail: 'mirror needs at least 2 disks, 1 is named.',
  },
  {
    name: 'a single of two disks, which would be a stripe',
    files: pools(pool('tank', 'single', '▸["/dev/disk/by-id/a", "/dev/disk/by-id/b"]')),
    code: 'pool-layout',
    remedy: 'Say "stripe"',
  },
  {
    name: 'an odd number of disks in pairs',
    files: pools(
      pool(
        'tank',
        'raid10',
        '▸["/dev/disk/by-id/a", "/dev/disk/by-id/b", "/dev/disk/by-id/c", "/dev/disk/by-id/d", "/dev/disk/by-id/e"]',
      ),
    ),
    code: 'pool-layout',
    remedy: 'Name more disks',
    detail: 'an even number of disks',
  },
  {
    name: 'a disk of two pools',
    files: pools(
      pool('tank', 'single', '["/dev/disk/by-id/a"]'),
      pool('dozer', 'single', '[▸"/dev/disk/by-id/a"]'),
    ),
    code: 'shared-disk',
    remedy: 'Name each disk once.',
    detail: 'is a disk of tank already',
  },
  {
    name: 'a disk by a name of the day',
    files: pools(pool('tank', 'single', '[▸"/dev/sdb"]')),
    code: 'unstable-disk',
    remedy: '/dev/disk/by-id',
  },
  {
    name: 'a pool that is described twice',
    files: pools(
      pool('tank', 'single', '["/dev/disk/by-id/a"]'),
      `{ "name": ▸"tank", "raid_level": "single", "disks": ["/dev/disk/by-id/b"] }`,
    ),
    code: 'duplicate-pool',
    remedy: 'Make one of the two.',
  },
  {
    name: 'a dataset that is described twice',
    files: node(
      '"zfs": { "pools": [{ "name": "tank", "raid_level": "single", "disks": ["/dev/disk/by-id/a"] }],\n  "datasets": [{ "pool": "tank", "name": "x" }, { "pool": "tank", "name": ▸"x" }] }',
    ),
    code: 'duplicate-dataset',
    remedy: 'Make one of the two.',
  },
  {
    name: 'a driver without a version',
    files: node('▸"nvidia_driver": { "install": true }'),
    code: 'missing-key',
    remedy: 'Add "version"',
  },
  {
    name: "a container with another driver than the host's",
    files: {
      ...lxc(guest('"nvidia_driver_version": "550.1"')),
      ...node('"nvidia_driver": { "version": ▸"580.76.05" }'),
    },
    code: 'driver-differs',
    remedy: 'it takes the version of the host',
    also: ['no-effect'],
  },
];
