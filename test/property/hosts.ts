import fc from 'fast-check';
import type { WorldDevice } from '../../src/twin/host-state.ts';
import { freshWorld, type World } from '../../src/twin/index.ts';

/** What may be on a disk of a host that somebody used before. */
export const DISK_STATES = [
  'blank',
  'ext4',
  'partitioned',
  'mounted',
  'swap',
  'lvm',
  'their pool',
  'their exported pool',
  'tank, exported',
  'unreadable',
] as const;
export type DiskState = (typeof DISK_STATES)[number];

export type HostSeed = {
  readonly disks: readonly DiskState[];
  readonly hasProxmox: boolean;
  readonly hasSubscription: boolean;
  readonly sources: 'deb822' | 'list' | 'none' | 'other suite';
  readonly hasAlice: boolean;
  readonly hasStorage: boolean;
  readonly swappiness: string;
};

export const hostSeeds: fc.Arbitrary<HostSeed> = fc.record({
  disks: fc.tuple(
    ...['sdb', 'sdc', 'sdd', 'sde'].map(() =>
      fc.oneof(fc.constant('blank' as const), fc.constantFrom(...DISK_STATES, 'tank, exported' as const)),
    ),
  ),
  hasProxmox: fc.boolean(),
  hasSubscription: fc.boolean(),
  sources: fc.constantFrom('deb822', 'list', 'none', 'other suite'),
  hasAlice: fc.boolean(),
  hasStorage: fc.boolean(),
  swappiness: fc.constantFrom('60', '10'),
});

export const SERIALS = ['SB', 'SC', 'SD', 'SE'] as const;
export const DISK_NAMES = ['sdb', 'sdc', 'sdd', 'sde'] as const;

export function idOf(serial: string): string {
  return `/dev/disk/by-id/ata-Disk_${serial}`;
}

/** A host as its owner has left it; whatever stands in it is somebody's. */
export function worldOf(seed: HostSeed): World {
  const world = freshWorld();
  const { host } = world;
  const put = (path: string, text: string, mode = 0o644): void => {
    world.files[path] = { type: 'file', text, mode };
  };
  host.hasProxmox = seed.hasProxmox;
  host.devices = host.devices.filter(({ name }) => /^(sda|pve)/.test(name));
  Object.assign(host.available ?? {}, { htop: '3', tmux: '3', sudo: '1' });
  seed.disks.forEach((state, index) => {
    const name = DISK_NAMES[index] ?? '';
    const serial = SERIALS[index] ?? '';
    host.devices.push(...devicesOf(name, serial, state));
    if (state === 'their pool' || state === 'their exported pool') {
      const isImported = state === 'their pool';
      host.pools[`old-${name}`] = {
        health: 'ONLINE',
        isImported,
        vdevs: [{ kind: 'disk', disks: [`${idOf(serial)}-part1`] }],
      };
      if (isImported)
        host.datasets[`old-${name}`] = { mountpoint: { value: `/old-${name}`, source: 'default' } };
    }
  });
  put(
    '/etc/passwd',
    `root:x:0:0:root:/root:/bin/bash\n${seed.hasAlice ? 'alice:x:1001:1001:Alice:/srv/alice:/bin/zsh\n' : ''}bob:x:1002:1002::/home/bob:/bin/sh\n`,
  );
  put(
    '/etc/shadow',
    `root:$y$root:1::::::\n${seed.hasAlice ? 'alice:$y$alice:1::::::\n' : ''}bob:!:1::::::\n`,
    0o640,
  );
  if (seed.hasAlice) put('/srv/alice/.ssh/authorized_keys', 'ssh-ed25519 AAAAtheirs alice@home', 0o600);
  if (seed.hasSubscription) put('/etc/subscription', 'key\n');
  put('/etc/apt/sources.list', 'deb http://deb.debian.org/debian trixie main # theirs\n');
  if (seed.sources === 'deb822' || seed.sources === 'other suite') {
    const suite = seed.sources === 'deb822' ? 'trixie' : 'bookworm';
    put(
      '/etc/apt/sources.list.d/proxmox.sources',
      `# ours\nTypes: deb\nURIs: https://enterprise.proxmox.com/debian/pve\nSuites: ${suite}\nComponents: pve-enterprise\n\nTypes: deb\nURIs: http://download.proxmox.com/debian/pve\nSuites: ${suite}\nComponents: pve-no-subscription\nEnabled: no\n`,
    );
  }
  if (seed.sources === 'list') {
    put(
      '/etc/apt/sources.list.d/pve-enterprise.list',
      'deb https://enterprise.proxmox.com/debian/pve trixie pve-enterprise\ndeb https://enterprise.proxmox.com/debian/ceph-squid trixie enterprise\n',
    );
  }
  put('/etc/modprobe.d/zfs.conf', '# theirs\noptions zfs zfs_txg_timeout=10\n');
  if (seed.hasStorage) {
    const path = '/etc/pve/storage.cfg';
    put(
      path,
      `${world.files[path]?.text ?? ''}nfs: theirs\n\tpath /mnt/pve/theirs\n\tserver 10.0.0.9\n\texport /x\n\tcontent backup\n\n`,
    );
  }
  host.sysctl['vm.swappiness'] = seed.swappiness;
  return world;
}

function devicesOf(name: string, serial: string, state: DiskState): WorldDevice[] {
  const disk: WorldDevice = {
    name,
    type: 'disk',
    sizeBytes: 10 ** 12,
    model: 'Disk',
    serial,
    ids: [idOf(serial)],
    isPhysical: true,
    ...(state !== 'blank' && { data: `what somebody has on ${name}` }),
  };
  const gpt = [
    { offset: '0x200', type: 'gpt' },
    { offset: '0x1fe', type: 'PMBR' },
  ];
  const part = (fields: Partial<WorldDevice>): WorldDevice => ({
    name: `${name}1`,
    parent: name,
    type: 'part',
    sizeBytes: 9 * 10 ** 11,
    pttype: 'gpt',
    ...fields,
  });
  const pool = (label: string): WorldDevice[] => [
    { ...disk, pttype: 'gpt', signatures: gpt },
    part({ fstype: 'zfs_member', label, signatures: [{ offset: '0x3f000', type: 'zfs_member', label }] }),
  ];
  switch (state) {
    case 'blank':
      return [disk];
    case 'ext4':
      return [
        {
          ...disk,
          fstype: 'ext4',
          label: 'photos',
          signatures: [{ offset: '0x438', type: 'ext4', label: 'photos' }],
        },
      ];
    case 'partitioned':
      return [
        { ...disk, pttype: 'gpt', signatures: gpt },
        part({ fstype: 'ntfs', signatures: [{ offset: '0x3', type: 'ntfs' }] }),
      ];
    case 'mounted':
      return [
        { ...disk, pttype: 'gpt', signatures: gpt },
        part({ fstype: 'xfs', mountpoints: [`/mnt/${name}`], signatures: [{ offset: '0x0', type: 'xfs' }] }),
      ];
    case 'swap':
      return [
        { ...disk, fstype: 'swap', mountpoints: ['[SWAP]'], signatures: [{ offset: '0xff6', type: 'swap' }] },
      ];
    case 'lvm':
      return [
        { ...disk, fstype: 'LVM2_member', signatures: [{ offset: '0x218', type: 'LVM2_member' }] },
        { name: `vg-${name}`, parent: name, type: 'lvm', sizeBytes: 10 ** 11, fstype: 'ext4' },
      ];
    case 'their pool':
    case 'their exported pool':
      return pool(`old-${name}`);
    case 'tank, exported':
      return pool('tank');
    case 'unreadable':
      return [{ ...disk, isUnreadable: true }];
  }
}
