import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NEEDS, TEMPLATE, type TestSandbox, eventually, openForTest } from './open-for-test.ts';

let node: TestSandbox;

beforeAll(async () => {
  const leasing = { name: 'vmbr3', addresses: ['10.78.0.1/24'], hasDhcpGuests: true };
  node = await openForTest({ ...NEEDS, bridges: [...NEEDS.bridges, leasing] });
});
afterAll(() => node.dispose());

const create = (vmid: number, ...options: readonly string[]) =>
  node.must(
    'pct', 'create', String(vmid), `local:vztmpl/${TEMPLATE}`, '--rootfs', 'local-btrfs:2',
    '--hostname', `ct${vmid}`, '--unprivileged', '1',
    ...(options.includes('--net0') ? [] : ['--net0', `name=eth0,bridge=vmbr0,ip=10.77.0.${vmid}/24,gw=10.77.0.1`]),
    ...options,
  ); // prettier-ignore

const inside = (vmid: number, ...argv: readonly string[]) =>
  node.must('lxc-attach', '-n', String(vmid), '--clear-env', '--', ...argv);

const ready = (vmid: number) =>
  eventually(async () => {
    const { stdout } = await node.run(
      'lxc-attach',
      '-n',
      String(vmid),
      '--',
      'systemctl',
      'is-system-running',
    );
    return stdout.trim() === 'running' ? true : undefined;
  });

describe('a container', () => {
  test('is created, started and ready, with network and names', async () => {
    await create(101, '--features', 'nesting=1', '--memory', '300');
    expect(await node.must('cat', '/etc/pve/lxc/101.conf')).toContain(
      'rootfs: local-btrfs:101/vm-101-disk-0.raw,size=2G',
    );
    await node.must('pct', 'start', '101');
    const began = Date.now();
    await ready(101);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await node.must('pct', 'status', '101')).toBe('status: running');
    expect(await inside(101, 'hostname')).toBe('ct101');
    expect(await inside(101, 'cat', '/proc/self/uid_map')).toMatch(/^\s*0\s+100000\s+65536$/);
    expect(await inside(101, 'ip', 'route')).toContain('default via 10.77.0.1 dev eth0');
    expect(await inside(101, 'cat', '/etc/hosts')).toContain('10.77.0.101 ct101');
    expect(await node.must('lxc-info', '-n', '101', '-s', '-H')).toBe('RUNNING');
  });

  test('installs packages through the NAT', async () => {
    await inside(101, 'apt-get', 'update', '-q');
    await inside(101, 'apt-get', 'install', '-qy', '--no-install-recommends', 'tree');
    expect(await inside(101, 'tree', '--version')).toContain('tree v');
  });

  test.each(['10.77.0.1', '8.8.8.8'])('gets names answered whoever it asks: %s', async (server) => {
    await inside(101, 'sh', '-c', `echo nameserver ${server} >/etc/resolv.conf`);
    expect(await inside(101, 'getent', 'ahostsv4', 'deb.debian.org')).toMatch(/STREAM/);
  });

  test('takes memory, mounts and a second NIC while it runs', async () => {
    const pid = await node.must('lxc-info', '-n', '101', '-p', '-H');
    await node.must('sh', '-c', 'echo shared >/srv/media/file');
    await node.must('pct', 'set', '101', '--memory', '512', '--mp0', '/srv/media,mp=/media/in,ro=1');
    await node.must('pct', 'set', '101', '--mp1', 'local-btrfs:1,mp=/data');
    await node.must('pct', 'set', '101', '--net1', 'name=eth1,bridge=vmbr0,ip=10.77.0.201/24');
    const limits = await node.must(
      'sh',
      '-c',
      'cat $(find /sys/fs/cgroup -path "*/101/memory.limit_in_bytes" -o -path "*/101/memory.max")',
    );
    expect(limits).toContain(String(512 * 1024 ** 2));
    expect(await inside(101, 'cat', '/media/in/file')).toBe('shared');
    expect((await node.run('lxc-attach', '-n', '101', '--', 'touch', '/media/in/no')).code).not.toBe(0);
    await inside(101, 'sh', '-c', 'echo kept >/data/file');
    expect(await inside(101, 'ip', '-br', 'address', 'show', 'eth1')).toContain('10.77.0.201/24');
    await node.must('pct', 'set', '101', '--delete', 'net1');
    expect((await node.run('lxc-attach', '-n', '101', '--', 'ip', 'link', 'show', 'eth1')).code).not.toBe(0);
    expect(await node.must('lxc-info', '-n', '101', '-p', '-H')).toBe(pid);
  });

  test('keeps volumes and mounts over a restart', async () => {
    await node.must('pct', 'stop', '101');
    await node.must('pct', 'start', '101');
    await ready(101);
    expect(await inside(101, 'cat', '/data/file', '/media/in/file')).toBe('kept\nshared');
  });

  test('gets a device with the owner and mode asked for', async () => {
    await create(102, '--dev0', '/dev/fuse,mode=0600,uid=33');
    await node.must('pct', 'start', '102');
    expect(await inside(102, 'stat', '-c', '%t:%T %u %a', '/dev/fuse')).toBe('a:e5 33 600');
    await inside(102, 'sh', '-c', 'exec 3<>/dev/fuse');
    await node.must('pct', 'destroy', '102', '--force', '1');
    expect((await node.run('pct', 'status', '102')).code).toBe(2);
  });
});

test('a container gets its address by DHCP', async () => {
  await create(103, '--net0', 'name=eth0,bridge=vmbr3,ip=dhcp');
  await node.must('pct', 'start', '103');
  await ready(103);
  expect(await inside(103, 'ip', '-br', '-4', 'address', 'show', 'eth0')).toMatch(
    /10\.78\.0\.(19[2-9]|2\d\d)\/24/,
  );
  await inside(103, 'apt-get', 'update', '-q');
});

describe('snapshots and clones', () => {
  test('a clone of a snapshot has its files, and a machine id, address and keys of its own', async () => {
    await create(110);
    await node.must('pct', 'start', '110');
    await ready(110);
    await inside(110, 'sh', '-c', 'echo golden >/root/mark');
    const root = await node.must('readlink', '-f', '/var/lib/pve/local-btrfs/images/110/vm-110-disk-0.raw');
    await node.must('btrfs', 'subvolume', 'create', `${root}/opt/nested`);
    await node.must('btrfs', 'subvolume', 'create', `${root}/opt/nested/deeper`);
    await node.must('sh', '-c', `echo nested >${root}/opt/nested/deeper/mark`);
    await node.must('pct', 'snapshot', '110', 'final');
    await inside(110, 'sh', '-c', 'echo later >/root/mark');
    await node.must('pct', 'clone', '110', '111', '--snapname', 'final', '--hostname', 'copy');
    await node.must('pct', 'set', '111', '--net0', 'name=eth0,bridge=vmbr0,ip=10.77.0.111/24,gw=10.77.0.1');
    await node.must('pct', 'start', '111');
    await ready(111);
    expect(await inside(111, 'cat', '/root/mark')).toBe('golden');
    expect(await inside(111, 'cat', '/opt/nested/deeper/mark')).toBe('nested');
    expect(await inside(111, 'hostname')).toBe('copy');
    const ids = await Promise.all([110, 111].map((vmid) => inside(vmid, 'cat', '/etc/machine-id')));
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('a rollback brings the files back', async () => {
    await node.must('pct', 'stop', '110');
    await node.must('pct', 'rollback', '110', 'final');
    await node.must('pct', 'start', '110');
    expect(await inside(110, 'cat', '/root/mark')).toBe('golden');
    await node.must('pct', 'stop', '110');
    await node.must('pct', 'delsnapshot', '110', 'final');
  });

  test('a template has linked clones that leave it as it is', async () => {
    await node.must('pct', 'template', '110');
    await node.must('pct', 'clone', '110', '112');
    await node.must('pct', 'clone', '110', '113');
    await node.must('pct', 'start', '112');
    await inside(112, 'sh', '-c', 'echo own >/root/mark');
    await node.must('pct', 'start', '113');
    expect(await inside(113, 'cat', '/root/mark')).toBe('golden');
  });
});
