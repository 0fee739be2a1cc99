import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mustRun, runCommand } from '../../../src/sandbox/command.ts';
import { resetSandbox, sandboxStatus } from '../../../src/sandbox/index.ts';
import { NEEDS, TEMPLATE, type TestSandbox, eventually, openForTest } from './open-for-test.ts';

const CREATE = ['--rootfs', 'local-btrfs:1', '--hostname', 'x', '--unprivileged', '1'];

function create(node: TestSandbox, vmid: number): readonly string[] {
  return [...node.sandbox.spawnPrefix, 'pct', 'create', String(vmid), `local:vztmpl/${TEMPLATE}`, ...CREATE];
}

/** Starts a program and gives its process id, without waiting for it. */
function begin(argv: readonly string[]): number {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.on('error', () => undefined);
  child.stdout.resume();
  child.stderr.resume();
  return child.pid!;
}

function kill(pid: number): void {
  process.kill(pid, 'SIGKILL');
}

/** Ids of the tools that run in a sandbox. */
async function tools(node: TestSandbox): Promise<number[]> {
  const text = await node.must('sh', '-c', 'cat $(find /sys/fs/cgroup -path "*/tools/cgroup.procs" | grep "$(sed -n "s/.*\\"cgroup\\":\\"\\([^\\"]*\\)\\".*/\\1/p" /run/phoenix-sandbox/settings.json)")'); // prettier-ignore
  return [...new Set(text.split('\n').filter(Boolean).map(Number))];
}

async function hasConfig(node: TestSandbox, vmid: number): Promise<true | undefined> {
  return (await node.run('test', '-e', `/etc/pve/lxc/${vmid}.conf`)).code === 0 ? true : undefined;
}

describe('a sandbox over time', () => {
  let node: TestSandbox;
  beforeAll(async () => {
    node = await openForTest();
  });
  afterAll(() => node.dispose());

  test('opening it again reuses what runs', async () => {
    await mustRun(create(node, 101));
    await node.must('pct', 'start', '101');
    const before = await sandboxStatus(node.folder);
    await node.reopen();
    const after = await sandboxStatus(node.folder);
    expect(after.holderPid).toBe(before.holderPid);
    expect(after.containers).toEqual([{ vmid: 101, name: 'x', isRunning: true }]);
    expect(after.state).toBe('running');
  });

  test('after its holder was killed it opens with its containers stopped', async () => {
    const { holderPid } = await sandboxStatus(node.folder);
    kill(holderPid!);
    await eventually(async () => ((await sandboxStatus(node.folder)).state === 'stopped' ? true : undefined));
    await node.reopen();
    expect(await node.must('pct', 'status', '101')).toBe('status: stopped');
    await node.must('pct', 'start', '101');
    expect(await node.must('pct', 'status', '101')).toBe('status: running');
    await node.must('pct', 'destroy', '101', '--force', '1');
  });

  test('a create outlives the process that asked for it', async () => {
    const pid = begin(create(node, 120));
    await eventually(() => hasConfig(node, 120));
    kill(pid);
    await eventually(async () => ((await tools(node)).length === 0 ? true : undefined));
    expect(await node.must('pct', 'config', '120')).toContain('unprivileged: 1');
    await node.must('pct', 'start', '120');
    await node.must('pct', 'destroy', '120', '--force', '1');
  });

  test('a killed worker frees its locks and leaves a guest that can be destroyed', async () => {
    begin(create(node, 121));
    await eventually(() => hasConfig(node, 121));
    const workers = await tools(node);
    expect(workers.length).toBeGreaterThan(0);
    for (const pid of workers) kill(pid);
    expect(await node.must('flock', '-w', '5', '/run/lock/lxc/pve-config-121.lock', 'echo', 'free')).toBe(
      'free',
    );
    // Killed early, it leaves Proxmox's own mark in the config; killed late, it does not.
    await node.run('pct', 'unlock', '121');
    await node.must('pct', 'destroy', '121');
    await mustRun(create(node, 121));
    await node.must('pct', 'destroy', '121');
  });

  test('a set waits for the lock, and dies with its process', async () => {
    await mustRun(create(node, 122));
    const lock = '/run/lock/lxc/pve-config-122.lock';
    const [program = '', ...args] = [
      ...node.sandbox.spawnPrefix, 'flock', lock, 'sh', '-c', 'echo held; exec cat',
    ]; // prettier-ignore
    const holder = spawn(program, args);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const waiting = node.run('pct', 'set', '122', '--memory', '256');
    const [pid] = await eventually(async () => {
      const found = await tools(node);
      return found.length > 0 ? found : undefined;
    });
    kill(pid!);
    expect((await waiting).code).toBe(137);
    const next = node.run('pct', 'set', '122', '--memory', '128');
    holder.stdin.end();
    expect((await next).code).toBe(0);
    expect(await node.must('pct', 'config', '122')).toContain('memory: 128');
    await node.must('pct', 'destroy', '122');
  });
});

test('two sandboxes with the same guests and bridge know nothing of each other', async () => {
  const [one, two] = [await openForTest(), await openForTest()];
  try {
    const net = ['--net0', 'name=eth0,bridge=vmbr0,ip=10.77.0.101/24,gw=10.77.0.1'];
    for (const node of [one, two]) {
      await mustRun([...create(node, 101), ...net]);
      await node.must('pct', 'start', '101');
    }
    await one.must('lxc-attach', '-n', '101', '--', 'sh', '-c', 'echo one >/root/mark');
    expect((await two.run('lxc-attach', '-n', '101', '--', 'cat', '/root/mark')).code).toBe(1);
    await one.must('pct', 'stop', '101');
    expect(await two.must('pct', 'status', '101')).toBe('status: running');
    await one.dispose();
    expect(await two.must('pct', 'status', '101')).toBe('status: running');
  } finally {
    await one.dispose();
    await two.dispose();
  }
});

describe('the machine', () => {
  test('is as it was, while a sandbox is used and after its reset', async () => {
    const canary = await mkdtemp(join(tmpdir(), 'phoenix-canary-'));
    const media = join(canary, 'media');
    await mkdir(join(media, 'deep'), { recursive: true });
    await writeFile(join(media, 'deep/file'), 'the machine’s own\n');
    await writeFile(join(canary, 'beside'), 'also\n');
    const before = await machine(canary);
    const node = await openForTest({ ...NEEDS, hostPaths: [...NEEDS.hostPaths, media] });
    try {
      expect(await node.must('ls', '-A', media)).toBe('');
      await node.must(
        'sh',
        '-c',
        `echo inside >${media}/deep && rm ${canary}/beside && echo x >/etc/phoenix-was-here`,
      );
      await mustRun([...create(node, 101), '--mp0', `${media},mp=/media`]);
      await node.must('pct', 'start', '101');
      expect(await node.must('lxc-attach', '-n', '101', '--', 'cat', '/media/deep')).toBe('inside');
      expect(await machine(canary)).toEqual(before);
    } finally {
      await node.dispose();
    }
    const after = await machine(canary);
    await rm(canary, { recursive: true });
    expect(after).toEqual(before);
    await expect(stat(node.folder)).rejects.toThrow('ENOENT');
  });

  test('a folder that is not a sandbox’s is neither taken nor removed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'phoenix-foreign-'));
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    await expect(resetSandbox(folder)).rejects.toThrow('not a sandbox');
    expect(await readFile(join(folder, 'thesis.txt'), 'utf8')).toBe('years of work');
    await rm(folder, { recursive: true });
  });

  test('a reset refuses while something is mounted in the folder, and then leaves foreign files', async () => {
    const node = await openForTest();
    const mounted = join(node.folder, 'cache');
    await mkdir(mounted, { recursive: true });
    await mustRun(['mount', '-t', 'tmpfs', 'none', mounted]);
    await writeFile(join(mounted, 'precious'), 'x');
    await expect(resetSandbox(node.folder)).rejects.toThrow('mounted');
    expect(await readFile(join(mounted, 'precious'), 'utf8')).toBe('x');
    await mustRun(['umount', mounted]);
    await writeFile(join(node.folder, 'notes.txt'), 'mine');
    await resetSandbox(node.folder);
    expect(await readdir(node.folder)).toEqual(['notes.txt']);
    await rm(join(node.folder, 'notes.txt'));
    await node.dispose();
  });
});

/** What a sandbox must not change: files, mounts, interfaces, rules, settings. */
async function machine(canary: string): Promise<Record<string, string>> {
  const say = async (...argv: readonly string[]) => (await runCommand(argv)).stdout;
  return {
    canary: await say('sh', '-c', `cd "$1" && find . -printf '%p %m %U %G %s %T@\n' | sort && cat beside media/deep/file`, 'x', canary),
    etc: await say('sh', '-c', `find /etc -printf '%p %T@\n' | sort`),
    root: await say('ls', '-A', '/', '/srv', '/var/lib', '/var/log', '/usr/sbin'),
    interfaces: await say('ip', '-o', 'link'),
    routes: await say('ip', 'route'),
    rules: await say('nft', 'list', 'ruleset'),
    forwarding: await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    hostname: await say('hostname'),
    mounts: await readFile('/proc/self/mounts', 'utf8'),
    devices: await say('sh', '-c', 'ls /dev | grep -v ^loop'),
  }; // prettier-ignore
}
