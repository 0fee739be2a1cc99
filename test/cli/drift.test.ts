import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

const CONTAINERS = `{
  // what runs here
  "lxc_configs": {
    "203": {
      "name": "alone", // the only one
      "template": "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst",
      "storage_pool": "local-btrfs",
      "storage_size_gb": 10,
      "unprivileged": true,
      "memory_mb": 512, /* enough */
      "network_config": { "name": "eth0", "bridge": "vmbr0", "ip": "10.99.0.203/24", "gw": "10.99.0.1", "nameservers": ["10.0.0.1"] },
      "tags": ["spare"],
      "volumes": [{ "pool": "local-btrfs", "size_gb": 1, "mount_point": "/data" }]
    }
  }
}
`;

async function place(text = CONTAINERS) {
  const cwd = await temporaryFolder();
  const phoenix = (commandLine: string, more: Readonly<Record<string, unknown>> = {}) =>
    runPhoenix(`${commandLine} --host twin:node.json`, { cwd, files: more });
  const on = async (words: string) =>
    (await runPhoenix(`node --host twin:node.json -- ${words}`, { cwd })).stdout;
  await phoenix('create 203', { 'phoenix_lxc_configs.json': text });
  return { phoenix, on, textOf: () => readFile(join(cwd, 'phoenix_lxc_configs.json'), 'utf8') };
}

describe('drift', () => {
  test('nothing differs after a converge; what the folder does not have is named', async () => {
    const { phoenix } = await place();
    expect(await phoenix('drift --exit-code')).toMatchObject({
      exitCode: 0,
      stdout: 'Not in this folder: 100 ct100, 101 ct101, 210 web210\n\n0 differ, 1 as described.\n',
    });
  });

  test('what was changed by hand and what was added by somebody else; nothing is touched', async () => {
    const { phoenix, on } = await place();
    await on('pct set 203 --memory 900 --tags by-hand --mp5 /srv,mp=/by-hand --dev3 /dev/fuse');
    const before = await on('pct config 203');
    const { exitCode, stdout } = await phoenix('drift --exit-code');
    expect(exitCode).toBe(2);
    expect(stdout).toContain(`203 alone
  ~ memory: 900 on the node, 512 in the folder
  ~ tags: by-hand on the node, spare in the folder
  ? mount /by-hand: only on the node, put there by somebody else
  ? device /dev/fuse: only on the node, put there by somebody else
`);
    expect(await on('pct config 203')).toBe(before);
    expect(JSON.parse((await phoenix('drift --json')).stdout)).toMatchObject({
      guests: [{ vmid: 203, state: 'differs', foreign: ['mount /by-hand', 'device /dev/fuse'] }],
      others: [{ vmid: 100 }, { vmid: 101 }, { vmid: 210, kind: 'vm' }],
    });
  });

  test('a guest that is gone, and one that is not ours', async () => {
    const { phoenix, on } = await place();
    await runPhoenix(
      ['node', '--host', 'twin:node.json', '--', 'pct', 'set', '203', '--description', 'mine'],
      {
        cwd: (await phoenix('list')).cwd,
      },
    );
    expect((await phoenix('drift')).stdout).toContain(
      "203 alone: on the node, and not marked as this folder's",
    );
    await on('pct stop 203');
    await on('pct destroy 203');
    expect((await phoenix('drift')).stdout).toContain('203 alone: not on the node');
  });
});

describe('drift --accept', () => {
  test('writes what the node has, keeps comments and order, and then nothing differs', async () => {
    const { phoenix, on, textOf } = await place();
    await on('pct set 203 --memory 900 --tags by-hand --nameserver 9.9.9.9 --mp5 /srv,mp=/by-hand');
    await on(
      'pct set 203 --net0 name=eth0,bridge=vmbr0,ip=10.99.0.77/24,gw=10.99.0.1,hwaddr=52:54:00:00:00:07',
    );
    const { exitCode, stdout } = await phoenix('drift --accept');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('written: memory_mb')]);
    const text = await textOf();
    expect(text).toMatch(/^\{\n {2}\/\/ what runs here\n/);
    expect(text).toContain('"name": "alone", // the only one\n');
    expect(text).toContain('"memory_mb": 900, /* enough */\n');
    expect(text).toContain('10.99.0.77/24');
    expect(text).not.toContain('hwaddr');
    expect(text.indexOf('"memory_mb"')).toBeLessThan(text.indexOf('"tags"'));
    expect((await phoenix('drift --exit-code')).exitCode).toBe(0);
    await phoenix('converge all --allow restart');
    expect((await phoenix('plan')).stdout).toContain('Nothing to do');
    expect(await on('pct config 203')).toContain('memory: 900');
  });

  test('--dry-run says what would be written, and writes nothing', async () => {
    const { phoenix, on, textOf } = await place();
    await on('pct set 203 --memory 900');
    expect((await phoenix('drift --accept --dry-run')).stdout).toBe('203 alone\n  written: memory_mb\n');
    expect(await textOf()).toBe(CONTAINERS);
  });

  test('what no key can say is listed and left, exit code 3', async () => {
    const { phoenix, on, textOf } = await place();
    await on('pct stop 203');
    expect(await phoenix('drift --accept')).toMatchObject({
      exitCode: 3,
      stdout: '203 alone\n  left: running\n',
    });
    expect(await textOf()).toBe(CONTAINERS);
  });

  test('a folder that would not be valid stays as it was', async () => {
    const other = `"204": { "name": "other", "template": "local:vztmpl/a.tar.zst", "unprivileged": true, "network_config": { "ip": "10.99.0.77/24" } }, "203"`;
    const { phoenix, on, textOf } = await place(CONTAINERS.replace('"203"', other));
    await on('pct set 203 --net0 name=eth0,bridge=vmbr0,ip=10.99.0.77/24,gw=10.99.0.1');
    const before = await textOf();
    const { exitCode, stderr } = await phoenix('drift 203 --accept');
    expect([exitCode, stderr]).toEqual([65, expect.stringContaining('config/duplicate-ip')]);
    expect(await textOf()).toBe(before);
  });

  test('a virtual machine: a disk, a NIC and keys', async () => {
    const cwd = await temporaryFolder();
    const machines = {
      vms: [
        {
          vmid: 210,
          name: 'web210',
          existing: true,
          memory_mb: 512,
          cores: 1,
          guest_agent: false,
          stays_stopped: true,
          network_interfaces: [{ bridge: 'vmbr0', vlan: 5, ip: '10.99.0.9/24', gw: '10.99.0.1' }],
          cloud_init: { hostname: 'x' },
        },
      ],
    };
    const phoenix = (commandLine: string, files = {}) =>
      runPhoenix(`${commandLine} --host twin:node.json`, { cwd, files });
    await runPhoenix('node --host twin:node.json -- qm set 210 --scsi0 local:4', { cwd });
    await phoenix('converge 210 --adopt', { 'phoenix_vm_configs.json': machines });
    await runPhoenix(
      'node --host twin:node.json -- qm set 210 --memory 2048 --scsi3 local:2 --net0 virtio=BC:24:11:00:02:10,bridge=vmbr0,tag=7',
      { cwd },
    );
    const end = await phoenix('drift --accept');
    // It booted before Phoenix knew it, so that what Cloud-Init would say of it waits for a reseed.
    expect([end.exitCode, end.stdout]).toEqual([
      3,
      '210 web210\n  written: memory_mb\n  written: network_interfaces\n  written: disks\n  left: Cloud-Init\n',
    ]);
    const text = JSON.parse(await readFile(join(cwd, 'phoenix_vm_configs.json'), 'utf8')) as typeof machines;
    expect(text.vms[0]).toMatchObject({
      memory_mb: 2048,
      disks: [{ slot: 'scsi3', size_gb: 2, storage_pool: 'local' }],
      network_interfaces: [{ slot: 'net0', vlan: 7, ip: '10.99.0.9/24', gw: '10.99.0.1' }],
    });
    const { guests } = JSON.parse((await phoenix('drift --json')).stdout) as {
      readonly guests: readonly { readonly differences: readonly { readonly attribute: string }[] }[];
    };
    expect(guests.flatMap(({ differences }) => differences.map(({ attribute }) => attribute))).toEqual([
      'Cloud-Init',
    ]);
  });
});
