import { beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/twin/host.ts';
import { createMemoryHost } from '../../src/twin/memory-host.ts';
import { runCommand } from '../../src/twin/tools.ts';
import { freshWorld, type World } from '../../src/twin/world.ts';

// What Proxmox VE 8's sources say of cases that no recording holds.

const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const CONF = '/etc/pve/lxc/8101.conf';

let world: World;
let host: Host;

beforeEach(() => {
  world = freshWorld();
  host = createMemoryHost(world);
});

describe('pct create', () => {
  it('takes a bare number as GiB on the default storage', async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '8', '--storage', 'local-btrfs');
    expect(await conf()).toContain('rootfs: local-btrfs:8101/vm-8101-disk-0.raw,size=8G\n');
  });

  it('makes 4 GiB where no disk is named', async () => {
    await pct('create', '8101', TEMPLATE);
    expect(await conf()).toContain('rootfs: local:8101/vm-8101-disk-0.raw,size=4G\n');
  });

  it.each([
    [['--mp0', 'local:1,mp=/x'], "mount points configured, but 'rootfs' not set - aborting\n"],
    [['--pool', 'nope'], "pool 'nope' does not exist\n"],
  ])('refuses %j', async (words, stderr) => {
    expect(await pct('create', '8101', TEMPLATE, ...words)).toMatchObject({ rc: 255, stderr });
    expect(await conf()).toBeUndefined();
  });

  it('refuses the id of a virtual machine', async () => {
    const result = await pct('create', '210', TEMPLATE);
    expect(result).toMatchObject({ rc: 2, stderr: "VM 210 already exists on node 'vm'\n" });
  });

  it('succeeds though the start fails', async () => {
    const nic = 'name=eth0,bridge=vmbr9,ip=dhcp';
    const result = await pct('create', '8101', TEMPLATE, '--rootfs', '1', '--net0', nic, '--start', '1');
    expect(result.rc).toBe(0);
    expect((await pct('status', '8101')).stdout).toBe('status: stopped\n');
    expect(await pct('start', '8101')).toMatchObject({ rc: 255, stderr: "bridge 'vmbr9' does not exist\n" });
  });

  it('reads options as Getopt::Long does', async () => {
    await pct('create', '8101', TEMPLATE, '-rootfs=1', '--hostn', 'short', '--MEMORY', '256', '--onboot');
    expect(await conf()).toMatch(/hostname: short\nmemory: 256\nonboot: 1\n/);
    const result = await pct('set', '8101', '--s', '1');
    expect(result.stderr).toMatch(
      /^Option s is ambiguous \(searchdomain, startup, swap\)\n400 unable to parse/,
    );
  });
});

describe('pct set on a running container', () => {
  beforeEach(async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '1', '--unprivileged', '1');
    await pct('start', '8101');
  });

  it('refuses a NIC on a bridge that is not there, and writes nothing', async () => {
    const before = await conf();
    const result = await pct('set', '8101', '--net0', 'name=eth0,bridge=vmbr9', '--memory', '700');
    expect(result.rc).not.toBe(0);
    expect(result.stderr).toMatch(
      /^400 Parameter verification failed\.\nnet0: unable to hotplug net0: bridge 'vmbr9' does not exist\n/,
    );
    expect(await conf()).toBe(before);
  });

  it('plugs and unplugs a NIC at once', async () => {
    await pct('set', '8101', '--net0', 'name=eth0,bridge=vmbr0,ip=dhcp');
    expect(await conf()).toMatch(/^net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:.*,ip=dhcp,type=veth$/m);
    expect(world.guests[8101]?.running?.launch?.nics).toHaveLength(1);
    await pct('set', '8101', '--delete', 'net0');
    expect(await conf()).not.toContain('net0');
    expect(world.guests[8101]?.running?.launch?.nics).toHaveLength(0);
  });

  it('keeps what cannot be plugged pending until the next start', async () => {
    await pct('set', '8101', '--features', 'nesting=1', '--cores', '2', '--dev0', '/dev/fuse');
    expect(await conf()).toMatch(/cores: 2[^]*\[pve:pending\]\ndev0: \/dev\/fuse\nfeatures: nesting=1\n$/);
    expect(world.guests[8101]?.running?.launch?.features).toEqual({});
    await pct('stop', '8101');
    expect(await conf()).toContain('[pve:pending]');
    await pct('start', '8101');
    expect(await conf()).not.toContain('[pve:pending]');
    expect(world.guests[8101]?.running?.launch?.features).toEqual({ nesting: '1' });
  });

  it('drops a pending change that would change nothing, and a pending delete that is set again', async () => {
    await pct('set', '8101', '--tty', '3', '--timezone', 'host', '--mp0', '/srv,mp=/s');
    await pct('set', '8101', '--delete', 'mp0');
    await pct('set', '8101', '--mp0', '/srv,mp=/s', '--revert', 'timezone,tty');
    expect(await conf()).not.toContain('[pve:pending]');
  });

  it('refuses a folder of the host that is not there', async () => {
    const result = await pct('set', '8101', '--mp0', '/nope,mp=/x');
    expect(result.stderr).toContain("mp0: unable to hotplug mp0: directory '/nope' does not exist\n");
    expect(await conf()).not.toContain('mp0');
  });
});

describe('edits by hand', () => {
  it('are seen under both names of the file', async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '1');
    const node = '/etc/pve/nodes/vm/lxc/8101.conf';
    await runCommand(host, ['tee', '-a', node], { stdin: 'lxc.idmap: u 0 100000 65536\n' });
    expect((await runCommand(host, ['cat', CONF])).stdout).toContain('lxc.idmap');
    expect((await pct('config', '8101')).stdout).toMatch(/\nlxc\.idmap: u 0 100000 65536\n$/);
    expect((await runCommand(host, ['cat', '/nope'])).stderr).toBe('cat: /nope: No such file or directory\n');
  });

  it('lose raw lines that Proxmox does not know at its next write', async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '1');
    await runCommand(host, ['tee', '-a', CONF], { stdin: 'lxc.nonsense: 1\nlxc.cgroup2.memory.high: 5\n' });
    const result = await pct('set', '8101', '--onboot', '1');
    expect(result.stderr).toContain('vm 8101 - unable to parse config: lxc.nonsense: 1\n');
    expect(await conf()).toMatch(/swap: 512\nlxc\.cgroup2\.memory\.high: 5\n$/);
  });
});

describe('volumes', () => {
  it('refuses to start without one', async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '1');
    await pct('set', '8101', '--rootfs', 'local:8101/none.raw');
    const result = await pct('start', '8101');
    expect(result).toMatchObject({ rc: 255, stderr: "volume 'local:8101/none.raw' does not exist\n" });
  });

  it('moves one to another container under a new name', async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '1', '--mp0', 'local:2,mp=/data');
    await pct('create', '8102', TEMPLATE, '--rootfs', '1');
    const result = await pct('move-volume', '8101', 'mp0', '--target-vmid', '8102', '--target-volume', 'mp1');
    expect(result.rc).toBe(0);
    expect(await conf()).not.toContain('mp0');
    expect(await host.files.read('/etc/pve/lxc/8102.conf')).toContain(
      'mp1: local:8102/vm-8102-disk-1.raw,mp=/data,size=2G\n',
    );
  });

  it('finds strays again', async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '1');
    await runCommand(host, ['pvesm', 'alloc', 'local', '8101', '', '1G']);
    expect((await pct('rescan', '--vmid', '8101')).stdout).toContain(
      "'local:8101/vm-8101-disk-1.raw' as 'unused0'",
    );
    expect(await conf()).toContain('unused0: local:8101/vm-8101-disk-1.raw\n');
    await pct('set', '8101', '--delete', 'unused0');
    expect(Object.keys(world.volumes['local']?.['8101'] ?? {})).toEqual(['8101/vm-8101-disk-0.raw']);
  });

  it('clones a bind mount never', async () => {
    await pct('create', '8101', TEMPLATE, '--rootfs', '1', '--mp0', '/srv,mp=/s');
    const result = await pct('clone', '8101', '8102');
    expect(result).toMatchObject({ rc: 2, stderr: "unable to clone mountpoint 'mp0' (type bind)\n" });
    expect(await host.files.read('/etc/pve/lxc/8102.conf')).toBeUndefined();
    expect(await conf()).not.toContain('lock');
  });
});

describe('on a ZFS pool', () => {
  beforeEach(async () => {
    world.files['/etc/pve/storage.cfg'] = {
      type: 'file',
      text: `${world.files['/etc/pve/storage.cfg']?.text}zfspool: tank\n\tpool tank\n\tcontent rootdir,images\n\n`,
    };
    await pct('create', '8101', TEMPLATE, '--rootfs', 'tank:1');
  });

  it('keeps containers in datasets', async () => {
    expect(await conf()).toContain('rootfs: tank:subvol-8101-disk-0,size=1G\n');
  });

  it('goes back to the newest snapshot only', async () => {
    await pct('snapshot', '8101', 'one');
    await pct('snapshot', '8101', 'two');
    const result = await pct('rollback', '8101', 'one');
    const volume = 'tank:subvol-8101-disk-0';
    expect(result.stderr).toBe(`can't rollback, 'one' is not most recent snapshot on '${volume}'\n`);
    expect((await pct('rollback', '8101', 'two')).rc).toBe(0);
  });

  it('links clones to a template, which then cannot go', async () => {
    await pct('template', '8101');
    expect(await conf()).toContain('rootfs: tank:basevol-8101-disk-0,size=1G\n');
    await pct('clone', '8101', '8102');
    expect(await host.files.read('/etc/pve/lxc/8102.conf')).toContain(
      'rootfs: tank:basevol-8101-disk-0/subvol-8102-disk-0,size=1G\n',
    );
    expect((await pct('destroy', '8101')).stderr).toBe(
      "base volume 'basevol-8101-disk-0' is still in use by linked clones\n",
    );
  });
});

function pct(...words: string[]): ReturnType<typeof runCommand> {
  return runCommand(host, ['pct', ...words]);
}

function conf(): Promise<string | undefined> {
  return host.files.read(CONF);
}
