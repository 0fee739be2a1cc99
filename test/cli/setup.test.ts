import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { World } from '../../src/twin/index.ts';
import { hostWorld } from '../managers/hypervisor/on-host.ts';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

const ID = '/dev/disk/by-id/ata-Samsung_SSD_870_S4EVNX0R1';
const CONFIG = {
  network: { hostname: 'vm' },
  timezone: 'Europe/Berlin',
  users: { username: 'alice', password_hash: 'NOT_SET', sudo_access: true, ssh_public_key: '' },
  sysctl: { 'vm.swappiness': 10 },
  zfs: {
    arc_max_gb: 4,
    pools: [{ name: 'fastData', raid_level: 'SINGLE', disks: [ID] }],
    datasets: [
      {
        name: 'shared-iso',
        pool: 'fastData',
        properties: 'recordsize=1M,compression=lz4',
        proxmox_storage_type: 'dir',
        proxmox_content_type: 'iso,vztmpl',
      },
    ],
    settings: { allow_destructive_operations: true },
  },
  proxmox_storage_ids: { fastData_shared_iso: 'fastData-iso' },
};

async function folderWith(world: World): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'phoenix_hypervisor_config.json'), JSON.stringify(CONFIG));
  await writeFile(join(cwd, 'n.json'), JSON.stringify(world));
  return cwd;
}

async function worldIn(cwd: string): Promise<World> {
  return JSON.parse(await readFile(join(cwd, 'n.json'), 'utf8')) as World;
}

function withPhotos(): World {
  return hostWorld(({ host }) => {
    const disk = host.devices.find(({ name }) => name === 'sdb');
    if (disk)
      Object.assign(disk, {
        data: 'photos',
        fstype: 'ext4',
        signatures: [{ offset: '0x438', type: 'ext4' }],
      });
  });
}

describe('phoenix setup', () => {
  test('makes the host as the folder says, and nothing when typed again', async () => {
    const cwd = await folderWith(hostWorld());
    const first = await runPhoenix('setup --host twin:n.json', { cwd });
    expect(first.exitCode).toBe(0);
    const { host, files } = await worldIn(cwd);
    expect([host.timezone, host.arcMaxBytes]).toEqual(['Europe/Berlin', 4 * 1024 ** 3]);
    expect(host.datasets['fastData/shared-iso']?.['recordsize']?.value).toBe('1048576');
    expect(files['/etc/pve/storage.cfg']?.text).toContain('dir: fastData-iso\n\tpath /fastData/shared-iso\n');
    const second = await runPhoenix('setup --host twin:n.json', { cwd });
    expect([second.exitCode, second.stdout]).toEqual([0, expect.stringContaining('unchanged')]);
    const plan = await runPhoenix('plan hypervisor --exit-code --host twin:n.json', { cwd });
    expect(plan.exitCode).toBe(0);
  });

  test('does some steps only', async () => {
    const cwd = await folderWith(hostWorld());
    expect((await runPhoenix('setup system --host twin:n.json', { cwd })).exitCode).toBe(0);
    const { host } = await worldIn(cwd);
    expect([host.timezone, Object.keys(host.pools)]).toEqual(['Europe/Berlin', []]);
  });

  test('--dry-run shows it and does nothing', async () => {
    const cwd = await folderWith(hostWorld());
    const before = await worldIn(cwd);
    const outcome = await runPhoenix('setup --dry-run --host twin:n.json', { cwd });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stdout).toContain('create-pool fastData');
    expect(outcome.stdout).toContain('timedatectl set-timezone Europe/Berlin');
    expect((await worldIn(cwd)).host).toEqual(before.host);
  });

  test('D-10: a key of the file is no consent, and says so', async () => {
    const cwd = await folderWith(withPhotos());
    const outcome = await runPhoenix('setup --host twin:n.json --yes', { cwd });
    expect(outcome.exitCode).toBe(3);
    expect(outcome.stderr).toContain('allow_destructive_operations has no effect');
    expect((await worldIn(cwd)).host.devices.find(({ name }) => name === 'sdb')?.data).toBe('photos');
  });

  test('D-09: --wipe-disk works where it is typed, for that disk', async () => {
    const cwd = await folderWith(withPhotos());
    const outcome = await runPhoenix(
      'setup zfs --host twin:n.json --allow destroys-data --wipe-disk S4EVNX0R1',
      { cwd },
    );
    expect(outcome.exitCode).toBe(0);
    expect((await worldIn(cwd)).host.pools['fastData']).toMatchObject({ isImported: true });
  });

  test('a folder without a host says so', async () => {
    const outcome = await runPhoenix('setup --host twin', {
      files: { 'phoenix_lxc_configs.json': { lxc_configs: {} } },
    });
    expect([outcome.exitCode, outcome.stderr]).toEqual([
      0,
      expect.stringContaining('The folder describes no host'),
    ]);
  });

  test('a reboot that is needed ends it with 75', async () => {
    const cwd = await folderWith(
      hostWorld(({ host }) => {
        host.pciDevices = [
          { address: '0000:01:00.0', id: '10de:2684', deviceClass: '0x030000', iommuGroup: '1' },
        ];
      }),
    );
    await writeFile(
      join(cwd, 'phoenix_hypervisor_config.json'),
      JSON.stringify({ passthrough_devices: ['0000:01:00'] }),
    );
    const outcome = await runPhoenix('setup --host twin:n.json', { cwd });
    expect(outcome.exitCode).toBe(75);
    expect(outcome.stderr).toContain('The host must be rebooted before setup can go on');
  });
});
