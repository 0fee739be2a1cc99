import { describe, expect, test } from 'vitest';
import type { DesiredContainer, Folder } from '../../src/model/desired.ts';
import { needsOf } from '../../src/sandbox/needs.ts';
import { container, folderOf, machine } from '../cli/folder.ts';

function folder(
  guests: readonly Partial<DesiredContainer>[],
  settings: Readonly<Record<string, unknown>> = {},
): Folder {
  const containers = guests.map((guest, index) => container(101 + index, guest));
  return { ...folderOf(...containers), hypervisor: { settings } };
}

describe('bridges', () => {
  test.each<[string, readonly Partial<DesiredContainer>[], Readonly<Record<string, unknown>>, unknown]>([
    ['none asked for', [], {}, [['vmbr0', []]]],
    [
      'the gateway that guests use',
      [{ nics: [{ name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.5/16', gateway: '10.0.0.1' }] }],
      {},
      [['vmbr0', ['10.0.0.1/16']]],
    ],
    [
      'two bridges',
      [
        { nics: [{ name: 'eth0', ip: '10.0.0.5/24', gateway: '10.0.0.1' }] },
        { nics: [{ name: 'eth0', bridge: 'vmbr7', ip: '10.7.0.5/24', gateway: '10.7.0.1' }] },
      ],
      {},
      [
        ['vmbr0', ['10.0.0.1/24']],
        ['vmbr7', ['10.7.0.1/24']],
      ],
    ],
    [
      'the node itself, and a resolver beside the guests that is none of them',
      [
        {
          nics: [{ name: 'eth0', ip: '10.0.0.5/24', gateway: '10.0.0.1' }],
          nameservers: ['10.0.0.13', '10.0.0.5', '8.8.8.8'],
        },
      ],
      { network: { interfaces: { name: 'vmbr0', address: '10.0.0.12/24' } } },
      [['vmbr0', ['10.0.0.1/24', '10.0.0.13/24', '10.0.0.12/24']]],
    ],
  ])('%s', (_, guests, settings, expected) => {
    const found = needsOf(folder(guests, settings)).bridges;
    expect(found.map(({ name, addresses }) => [name, addresses])).toEqual(expected);
  });

  test('a guest with DHCP is told', () => {
    const { bridges } = needsOf(folder([{ nics: [{ name: 'eth0', ip: 'dhcp' }] }]));
    expect(bridges).toEqual([{ name: 'vmbr0', addresses: [], hasDhcpGuests: true }]);
  });
});

describe('storages', () => {
  test('one that nothing is known of is btrfs; local is always there', () => {
    const { storages } = needsOf(
      folder([
        {
          storage: 'fast',
          template: 'local:vztmpl/a.tar.zst',
          volumes: [{ storage: 'slow', sizeGiB: 1, path: '/data' }],
        },
      ]),
    );
    expect(storages.map(({ id, type, path }) => [id, type, path])).toEqual([
      ['local', 'dir', '/var/lib/vz'],
      ['fast', 'btrfs', '/var/lib/pve/fast'],
      ['slow', 'btrfs', '/var/lib/pve/slow'],
    ]);
  });

  test('a dataset of the hypervisor configuration says what its storage is', () => {
    const settings = {
      zfs: {
        datasets: [
          { name: 'lxc-disks', pool: 'quickOS', proxmox_storage_type: 'zfspool' },
          {
            name: 'shared-iso',
            pool: 'fastData',
            proxmox_storage_type: 'dir',
            proxmox_content_type: 'iso,vztmpl',
          },
        ],
      },
      proxmox_storage_ids: { fastData_shared_iso: 'isos' },
    };
    const { storages } = needsOf(
      folder([{ storage: 'quickOS-lxc-disks', template: 'isos:vztmpl/a.tar.zst' }], settings),
    );
    expect(storages.slice(1)).toEqual([
      { id: 'quickOS-lxc-disks', type: 'zfspool', path: 'quickOS/lxc-disks', content: 'images,rootdir' },
      { id: 'isos', type: 'dir', path: '/fastData/shared-iso', content: 'iso,vztmpl' },
    ]);
  });
});

test('templates by path and by volume, host paths once', () => {
  const needs = needsOf(
    folder([
      {
        template: '/fast/iso/ubuntu-24.04-standard_24.04-2_amd64.tar.zst',
        mounts: [{ hostPath: '/srv/a', path: '/a' }],
      },
      {
        template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
        mounts: [{ hostPath: '/srv/a', path: '/b' }],
      },
    ]),
  );
  expect(needs.templates).toEqual([
    {
      name: 'ubuntu-24.04-standard_24.04-2_amd64.tar.zst',
      path: '/fast/iso/ubuntu-24.04-standard_24.04-2_amd64.tar.zst',
    },
    { name: 'debian-12-standard_12.7-1_amd64.tar.zst' },
  ]);
  expect(needs.hostPaths).toEqual(['/srv/a']);
  expect(needs.notices).toEqual([]);
});

test.each([
  [{ network: { hostname: 'pve-1' } }, 'pve-1'],
  [{ network: { hostname: 'not a name' } }, 'sandbox'],
  [{}, 'sandbox'],
])('the node of %j is called %s', (settings, expected) => {
  expect(needsOf(folder([], settings)).nodeName).toBe(expected);
});

test('what virtual machines expect: bridges, storages, an image once', () => {
  const image = { file: 'debian-12.qcow2', url: 'https://example.org/debian-12.qcow2' };
  const nic = { slot: 'net0', bridge: 'vmbr3', ip: '10.3.0.5/24', gateway: '10.3.0.1' };
  const disk = { slot: 'scsi1', storage: 'slow', sizeGiB: 1 };
  const found = needsOf(
    folderOf(machine(900, { image, storage: 'fast' }), machine(901, { image, nics: [nic], disks: [disk] })),
  );
  expect(found.hasMachines).toBe(true);
  expect(found.images).toEqual([{ ...image, path: '/var/lib/vz/import/debian-12.qcow2' }]);
  expect(found.bridges).toContainEqual({
    name: 'vmbr3',
    addresses: ['10.3.0.1/24'],
    hasDhcpGuests: false,
  });
  expect(found.storages.map(({ id }) => id)).toEqual(['local', 'fast', 'slow']);
});
