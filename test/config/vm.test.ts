import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';
import type { DesiredVm } from '../../src/model/desired.ts';
import { Secret } from '../../src/model/value.ts';

const builtinFeatures = resolve(import.meta.dirname, '../../features');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-vm-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Files = Readonly<Record<string, string | object>>;

async function load(files: Files, env: Record<string, string> = {}) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const result = await loadFolder({ path: folder, env, cwd: folder, builtinFeatures });
  const vms = [...(result.folder?.guests.values() ?? [])].filter((guest) => guest.kind === 'vm');
  return { ...result, vms };
}

/** The first of some VMs, which must load without a problem. */
async function only(
  vms: readonly object[],
  more: Files = {},
  env?: Record<string, string>,
): Promise<DesiredVm> {
  const { diagnostics, vms: loaded } = await load({ 'phoenix_vm_configs.json': { vms }, ...more }, env);
  expect(diagnostics).toEqual([]);
  const [first] = loaded;
  if (!first) throw new Error('no VM');
  return first;
}

const IMAGE = { vmid: 201, name: 'web', template_image: 'noble.img' };

describe('what a VM is made from', () => {
  const release = { 'phoenix_hypervisor_config.json': { vm_defaults: { ubuntu_release: 'jammy' } } };
  const ubuntu = (name: string, file: string) => ({
    file,
    url: `https://cloud-images.ubuntu.com/${name}/current/${file}`,
    checksumsUrl: `https://cloud-images.ubuntu.com/${name}/current/SHA256SUMS`,
  });

  test.each<[string, object, Files, object]>([
    ['an image of Ubuntu', { template_image: 'noble.img' }, {}, ubuntu('noble', 'noble.img')],
    ['one of another release', { template_image: 'jammy.img' }, release, ubuntu('jammy', 'jammy.img')],
    ['a legacy template that is an image', { template: 'noble.img' }, {}, ubuntu('noble', 'noble.img')],
    [
      'an image of its own',
      { image: { url: 'https://example.org/a/debian.qcow2?x=/y', sha256: 'AB'.repeat(32) } },
      {},
      { file: 'debian.qcow2', url: 'https://example.org/a/debian.qcow2?x=/y', sha256: 'ab'.repeat(32) },
    ],
    [
      'an image with a list of checksums',
      {
        image: {
          url: 'https://example.org/latest',
          file: 'my.img',
          checksums_url: 'https://example.org/SUMS',
        },
      },
      {},
      { file: 'my.img', url: 'https://example.org/latest', checksumsUrl: 'https://example.org/SUMS' },
    ],
  ])('%s', async (_name, keys, more, image) => {
    const vm = await only([{ vmid: 201, name: 'web', ...keys }], more);
    expect(vm.image).toEqual(image);
    expect(vm.cloneFrom).toBeUndefined();
    expect(vm.serialConsole).toBe(true);
  });

  test('the default template of the file, where it is an image', async () => {
    const file = { vm_defaults: { template: 'noble.img' }, vms: [{ vmid: 201, name: 'web' }] };
    const { vms, diagnostics } = await load({ 'phoenix_vm_configs.json': file });
    expect(diagnostics).toEqual([]);
    expect(vms[0]?.image?.file).toBe('noble.img');
  });

  test.each([
    ['a template', { is_template: true }, {}, { vmid: 201 }],
    ['a VM', {}, {}, { vmid: 201 }],
    ['a golden snapshot', { template_snapshot_name: 'final' }, {}, { vmid: 201, snapshot: 'final' }],
    ['all of it', {}, { clone_mode: 'full' }, { vmid: 201, isFull: true }],
    [
      'a template by reference',
      { is_template: true },
      { clone_mode: 'linked' },
      { vmid: 201, isFull: false },
    ],
  ])('a clone of %s', async (_name, source, keys, cloneFrom) => {
    const clone = { vmid: 202, name: 'clone', clone_from_vmid: 201, ...keys };
    const { vms, diagnostics } = await load({
      'phoenix_vm_configs.json': { vms: [{ ...IMAGE, ...source }, clone] },
    });
    expect(diagnostics).toEqual([]);
    expect(vms[1]).toMatchObject({ cloneFrom });
    expect(vms[1]?.image).toBeUndefined();
    expect(vms[1]?.serialConsole).toBeUndefined();
  });
});

test('virtual hardware', async () => {
  const vm = await only([
    {
      ...IMAGE,
      storage_pool: 'fast',
      disk_size_gb: 20,
      cores: 2,
      memory_mb: 2048,
      cpu_type: 'host',
      sockets: 2,
      bios: 'ovmf',
      machine: 'q35',
      os_type: 'l26',
      guest_agent: false,
      serial_console: false,
      protection: true,
      boot_devices: ['scsi0', 'net0'],
      disks: [
        { slot: 'scsi1', size_gb: 5, discard: true, ssd: true, iothread: true, backup: false, cache: 'none' },
        { slot: 'virtio0', size_gb: 6, storage_pool: 'slow' },
      ],
      pci_devices: [
        { address: '0000:0A:00.0', pcie: true, primary_gpu: true },
        { mapping: 'coral', slot: 'hostpci0' },
      ],
      start_at_boot: true,
      boot_order: 3,
      boot_delay: 20,
    },
  ]);
  expect(vm).toMatchObject({
    storage: 'fast',
    diskGiB: 20,
    cores: 2,
    memoryMiB: 2048,
    cpuType: 'host',
    sockets: 2,
    bios: 'ovmf',
    machine: 'q35',
    osType: 'l26',
    agent: false,
    serialConsole: false,
    protection: true,
    bootOrder: ['scsi0', 'net0'],
    startup: { order: 3, up: 20 },
  });
  expect(vm.startup).not.toHaveProperty('down');
  expect(vm.disks).toEqual([
    {
      slot: 'scsi1',
      storage: 'fast',
      sizeGiB: 5,
      backup: false,
      discard: true,
      ssd: true,
      ioThread: true,
      cache: 'none',
    },
    { slot: 'virtio0', storage: 'slow', sizeGiB: 6 },
  ]);
  expect(vm.pciDevices).toEqual([
    { slot: 'hostpci1', source: { address: '0000:0a:00.0' }, pcie: true, primaryGpu: true },
    { slot: 'hostpci0', source: { mapping: 'coral' } },
  ]);
});

describe('network interfaces', () => {
  test('one from an image where nothing is said', async () => {
    expect((await only([IMAGE])).nics).toEqual([{ slot: 'net0', bridge: 'vmbr0' }]);
  });

  test('legacy keys are net0, the list comes behind it', async () => {
    const vm = await only([
      {
        ...IMAGE,
        network_bridge: 'vmbr1',
        mac_address: '52:54:00:aa:bb:cc',
        network_config: { ip: '10.0.0.5/24', gw: '10.0.0.1', ip6: 'auto' },
        firewall: { enabled: true },
        network_interfaces: [
          { ip: 'dhcp', model: 'e1000', vlan: 7, mtu: 1, rate_mbps: 12.5, firewall: false },
          {
            slot: 'net1',
            bridge: 'vmbr2',
            ip6: 'FD00::5/64',
            gw6: 'FD00::1',
            mac_address: '52:54:00:aa:bb:cd',
          },
        ],
      },
    ]);
    expect(vm.nics).toEqual([
      {
        slot: 'net0',
        bridge: 'vmbr1',
        mac: '52:54:00:AA:BB:CC',
        firewall: true,
        ip: '10.0.0.5/24',
        gateway: '10.0.0.1',
        ip6: 'auto',
      },
      {
        slot: 'net2',
        bridge: 'vmbr0',
        model: 'e1000',
        firewall: false,
        vlan: 7,
        mtu: 1,
        rateMBps: 12.5,
        ip: 'dhcp',
      },
      { slot: 'net1', bridge: 'vmbr2', mac: '52:54:00:AA:BB:CD', ip6: 'fd00::5/64', gateway6: 'fd00::1' },
    ]);
  });

  test('a clone keeps what its source has, and its bridges', async () => {
    const clones = [
      { vmid: 202, name: 'same', clone_from_vmid: 201 },
      { vmid: 203, name: 'other', clone_from_vmid: 202, network_config: { ip: '10.0.0.6/24' } },
    ];
    const { vms } = await load({
      'phoenix_vm_configs.json': { vms: [{ ...IMAGE, network_bridge: 'vmbr7' }, ...clones] },
    });
    expect(vms[1]?.nics).toEqual([{ slot: 'net0', bridge: 'vmbr7' }]);
    expect(vms[2]?.nics).toEqual([{ slot: 'net0', bridge: 'vmbr7', ip: '10.0.0.6/24' }]);
  });
});

describe('Cloud-Init', () => {
  test('a name is all that a VM has by itself', async () => {
    const nothing = {
      users: [],
      packages: [],
      upgradesPackages: false,
      files: [],
      nfsMounts: [],
      runCommands: [],
      templates: {},
    };
    const { vms } = await load({
      'phoenix_hypervisor_config.json': { domain_name: 'lan.example' },
      'phoenix_vm_configs.json': {
        vms: [
          IMAGE,
          { vmid: 202, name: 'clone', clone_from_vmid: 201 },
          { vmid: 203, name: 'db.other.example', clone_from_vmid: 201 },
        ],
      },
    });
    expect(vms.map(({ cloudInit }) => cloudInit)).toEqual([
      { ...nothing, hostname: 'web', fqdn: 'web.lan.example' },
      { ...nothing, hostname: 'clone', fqdn: 'clone.lan.example' },
      { ...nothing, hostname: 'db', fqdn: 'db.other.example' },
    ]);
  });

  test('a system that does not know it has none unless it is asked for', async () => {
    const windows = { ...IMAGE, os_type: 'win11' };
    const { vms } = await load({
      'phoenix_vm_configs.json': {
        vms: [
          windows,
          { vmid: 202, name: 'a', clone_from_vmid: 201 },
          { vmid: 203, name: 'b', clone_from_vmid: 201, network_config: { ip: 'dhcp' } },
        ],
      },
    });
    expect(vms.map(({ cloudInit }) => cloudInit?.hostname)).toEqual([undefined, undefined, 'b']);
  });

  test('all of it', async () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me';
    const vm = await only(
      [
        {
          ...IMAGE,
          network_config: { nameservers: '1.1.1.1 9.9.9.9', searchdomain: 'lan' },
          user_config: { username: 'old', ssh_public_key: key },
          volumes: [
            { type: 'nfs', server: 'nas', path: '/export', mount_point: '/mnt/nas/', options: 'ro,soft' },
          ],
          docker_compose_files: [
            { source: 'app/compose.yml', destination: '/opt/app' },
            { source: 'app/compose.yml', destination: '/opt/other.yaml' },
          ],
          cloud_init: {
            hostname: 'www',
            fqdn: 'www.example.org',
            timezone: 'Europe/Berlin',
            packages: ['nginx', 'nginx', 'qemu-guest-agent'],
            upgrade_packages: true,
            files: [
              { path: '/etc/a', content: 'one\n', mode: '0600', owner: 'www-data' },
              { path: '/etc/b', source: 'b.conf', mode: '4755', owner: 'root:adm' },
              { path: '/etc/c', content: '' },
            ],
            run_commands: ['echo a; echo b', ['touch', '/tmp/x y']],
            users: [
              {
                name: 'admin',
                ssh_keys: [key],
                password_hash: '$6$salt$hash',
                groups: ['docker'],
                shell: '/bin/bash',
                sudo: true,
              },
              { name: 'guest', password: { from_env: 'GUEST' } },
              { name: 'other', password_hash: { from_env: 'HASH' } },
            ],
          },
        },
      ],
      { 'files/b.conf': 'two\n', 'files/app/compose.yml': 'services: {}\n' },
      { GUEST: 'c4n4ry', HASH: 'c4n4ry' },
    );
    const { cloudInit } = vm;
    expect(cloudInit).toMatchObject({
      hostname: 'www',
      fqdn: 'www.example.org',
      timezone: 'Europe/Berlin',
      nameservers: ['1.1.1.1', '9.9.9.9'],
      searchDomain: 'lan',
      packages: ['nginx', 'qemu-guest-agent'],
      upgradesPackages: true,
      nfsMounts: [{ server: 'nas', path: '/export', mountPoint: '/mnt/nas', options: 'ro,soft' }],
      runCommands: ['echo a; echo b', ['touch', '/tmp/x y']],
    });
    expect(cloudInit?.files).toEqual([
      { path: '/etc/a', content: 'one\n', mode: 0o600, owner: 'www-data:www-data' },
      { path: '/etc/b', content: 'two\n', mode: 0o4755, owner: 'root:adm' },
      { path: '/etc/c', content: '' },
      { path: '/opt/app/compose.yml', content: 'services: {}\n' },
      { path: '/opt/other.yaml', content: 'services: {}\n' },
    ]);
    expect(cloudInit?.users.slice(0, 2)).toEqual([
      { name: 'old', sshKeys: [key], hasSudo: true, groups: [] },
      {
        name: 'admin',
        sshKeys: [key],
        passwordHash: '$6$salt$hash',
        hasSudo: true,
        groups: ['docker'],
        shell: '/bin/bash',
      },
    ]);
    expect(cloudInit?.users[2]).toMatchObject({ name: 'guest', sshKeys: [], hasSudo: false, groups: [] });
    expect(cloudInit?.users[2]?.password).toBeInstanceOf(Secret);
    expect(cloudInit?.users[3]?.passwordHash).toBeInstanceOf(Secret);
    expect(JSON.stringify(vm) + inspect(vm, { depth: 20, showHidden: true })).not.toContain('c4n4ry');
  });

  test('templates are read as the VM reads them', async () => {
    const vm = await only(
      [
        {
          ...IMAGE,
          cloud_init: {
            user_data: 'user.yaml',
            network_config: 'net.yml',
            vendor_data: 'deep/vendor.yaml',
          },
        },
      ],
      {
        'templates/user.yaml':
          '#cloud-config\nssh_pwauth: no\nwrite_files:\n  - {path: /a, permissions: 0644, expires: 2027-01-01}\nbootcmd: ~\n',
        'templates/net.yml': 'network:\n  version: 2\n  ethernets: {eth0: {dhcp4: true}}\n',
        'templates/deep/vendor.yaml': 'a: &x [1]\nb: *x\n',
      },
    );
    expect(JSON.parse(JSON.stringify(vm.cloudInit?.templates))).toEqual({
      userData: {
        ssh_pwauth: false,
        write_files: [{ path: '/a', permissions: 0o644, expires: '2027-01-01' }],
        bootcmd: null,
      },
      networkConfig: { version: 2, ethernets: { eth0: { dhcp4: true } } },
      vendorData: { a: [1], b: [1] },
    });
  });
});

test('snapshots on the way, under both spellings, and none of a template', async () => {
  const both = { snapshots: { 'pre-features': 'before', post_features: 'after' } };
  const { vms } = await load({
    'phoenix_vm_configs.json': {
      vms: [
        { ...IMAGE, ...both, template_snapshot_name: 'final' },
        { ...IMAGE, ...both, vmid: 202, name: 'golden', is_template: true, template_snapshot_name: 'final' },
      ],
    },
  });
  expect(vms[0]).toMatchObject({
    preFeaturesSnapshot: 'before',
    postFeaturesSnapshot: 'after',
    templateSnapshotName: 'final',
  });
  expect(vms[1]).not.toHaveProperty('preFeaturesSnapshot');
  expect(vms[1]).not.toHaveProperty('postFeaturesSnapshot');
  expect(vms[1]).not.toHaveProperty('templateSnapshotName');
});

test('a default of the file is never less than what the source of a clone has', async () => {
  const { vms } = await load({
    'phoenix_vm_configs.json': {
      vm_defaults: { disk_size_gb: 10, storage_pool: 'fast' },
      vms: [
        { ...IMAGE, disk_size_gb: 20 },
        { vmid: 202, name: 'a', clone_from_vmid: 201 },
        { vmid: 203, name: 'b', clone_from_vmid: 202, disk_size_gb: 30 },
      ],
    },
  });
  expect(vms.map(({ diskGiB }) => diskGiB)).toEqual([20, 20, 30]);
  expect(vms.map(({ storage }) => storage)).toEqual(['fast', 'fast', 'fast']);
});

test('guests of both kinds start with their node in the order of what they need', async () => {
  const container = { template: 't', unprivileged: true, start_at_boot: true };
  const { folder: loaded, diagnostics } = await load({
    'phoenix_lxc_configs.json': {
      lxc_configs: {
        101: { name: 'front', ...container, dependencies: ['201'], boot_delay: 5 },
        102: { name: 'alone', ...container },
        103: { name: 'store', ...container, boot_order: 4 },
      },
    },
    'phoenix_vm_configs.json': {
      vms: [{ ...IMAGE, start_at_boot: true, dependencies: [103] }],
    },
  });
  expect(diagnostics).toEqual([]);
  const startup = (vmid: number) => loaded?.guests.get(vmid)?.startup;
  expect([101, 102, 103, 201].map(startup)).toEqual([
    { order: 6, up: 5, down: 5 },
    undefined,
    { order: 4 },
    { order: 5 },
  ]);
});

test('of a VM that the folder did not make, what is not said is not managed', async () => {
  const vm = await only([
    {
      vmid: 201,
      name: 'old',
      existing: true,
      boot_devices: ['virtio0', 'ide0'],
      network_interfaces: [{ slot: 'net1' }],
      pci_devices: [{ address: '01:00.0', pcie: true }],
    },
  ]);
  expect(vm.nics).toEqual([{ slot: 'net1' }]);
  expect(vm.bootOrder).toEqual(['virtio0', 'ide0']);
  for (const key of ['image', 'cloneFrom', 'cloudInit', 'serialConsole', 'storage']) {
    expect(vm).not.toHaveProperty(key);
  }
});
