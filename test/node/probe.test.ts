import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localNode } from '../../src/node/index.ts';
import { RECORDS_AWK, RECORDS_SH } from '../../src/node/probe-records.ts';

const ROOT = process.getuid?.() === 0;
const NODE = hostname().split('.')[0] ?? '';
const RUNS = 999_999_881;
const STOPPED = 999_999_882;
const NO_NEEDS = { paths: [], volumesOf: [] };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-probe-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Puts the folders of a node over those of this machine, for one command in a mount namespace of its own. */
const ENTER = [
  'unshare',
  '-m',
  'sh',
  '-c',
  'for top in etc var/lib var/log usr/local/bin; do mount --bind "$0/$top" "/$top" || exit 1; done; exec "$@"',
];

/** Listens at an abstract address without the padding that Node.js gives it, as LXC does. */
const LISTEN =
  'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("\\0$ARGV[0]")); listen(S, 1); $| = 1; print "ready\\n"; sleep 600';

// A mount namespace of its own takes root.
describe.skipIf(!ROOT)('the probe', () => {
  let socket: ChildProcess;

  beforeAll(async () => {
    const config = 'arch: amd64\nmemory: 512\n\n[s1]\nmemory: 256\n';
    put(`etc/pve/nodes/${NODE}/lxc/${RUNS}.conf`, config);
    put(`etc/pve/nodes/${NODE}/lxc/${STOPPED}.conf`, 'memory: 1\ttab\r\n=\tx\nend');
    put(`etc/pve/nodes/${NODE}/qemu-server/999999883.conf`, 'name: vm\n');
    put('etc/pve/nodes/other/lxc/999999884.conf', '');
    put(`etc/pve/firewall/${RUNS}.fw`, '[OPTIONS]\n');
    put('etc/pve/firewall/cluster.fw', '[OPTIONS]\nenable: 1\n');
    put(`etc/pve/priv/phoenix/${RUNS}.json`, '{"vmid":1}\n');
    put(
      'etc/pve/storage.cfg',
      'dir: local\n\tpath /var/lib/vz\n\tcontent vztmpl,images\n\nzfspool: tank\n\tpool rpool\n',
    );
    put('var/lib/vz/template/cache/debian-12.tar.zst', '');
    put('var/lib/vz/template/cache/odd name.tar.zst', '');
    put(`var/lib/vz/images/${RUNS}/vm-${RUNS}-disk-0.raw`, '');
    put(`var/lib/lxc/${RUNS}/config`, 'lxc.arch = amd64\n# comment\nlxc.include = /usr/share/lxc/config\n');
    put(`var/lib/lxc/${STOPPED}/config`, 'lxc.arch = amd64\n');
    // This machine's awk is found through it.
    cpSync('/etc/alternatives', join(folder, 'etc/alternatives'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    put('usr/local/bin/pct', '');
    put('var/log/pve/tasks/active', tasks());
    const line = (run: string, entry: string, index: number): string =>
      `${JSON.stringify({ at: 1.5, run, entry, index, target: RUNS, step: 's', operation: { note: '"entry":"end","index":1,' } })}\n`;
    put(
      'var/lib/phoenix/journal/current.ndjson',
      `{"at":1,"run":"a","entry":"run","purpose":"x"}\n${line('a', 'begin', 0)}${line('a', 'begin', 1)}${line('a', 'end', 0)}${line('b', 'begin', 0)}`,
    );
    execFileSync('chmod', ['755', join(folder, 'usr/local/bin/pct')]);
    socket = spawn('perl', ['-MSocket', '-e', LISTEN, `/var/lib/lxc/${RUNS}/command`]);
    await new Promise((resolve) => socket.stdout?.once('data', resolve));
  });
  afterAll(() => socket.kill());

  /** One task of a process that lives, one of a number that another process has now, one that has ended. */
  function tasks(): string {
    const start = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
    const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');
    const upid = (type: string, started: number, id = RUNS): string =>
      `UPID:${NODE}:${hex(process.pid)}:${hex(started)}:65A00000:${type}:${id}:root@pam:`;
    return `${upid('vzcreate', Number(start))} 0\n${upid('vzstop', 1)} 0\n${upid('vzstart', Number(start))} 1 65A00001 OK\n`;
  }

  const node = (): ReturnType<typeof localNode> => localNode({ spawnPrefix: [...ENTER, folder] });

  test('sees a node whole', async () => {
    const seen = await node().observe('all', {
      paths: ['/etc/pve/storage.cfg', '/var/lib/vz', '/dev/null', '/no such $(path)', '/odd\npath'],
      volumesOf: ['local', 'tank'],
    });
    expect(seen).toMatchObject({
      nodeName: NODE,
      hasProxmox: true,
      templates: ['local:vztmpl/debian-12.tar.zst'],
      volumes: [`local:${RUNS}/vm-${RUNS}-disk-0.raw`],
    });
    expect([...seen.guests.keys()].toSorted()).toEqual([RUNS, STOPPED, 999_999_883, 999_999_884]);
    expect(seen.guests.get(RUNS)).toMatchObject({
      running: true,
      firewall: '[OPTIONS]\n',
      startedWith: [
        ['lxc.arch', 'amd64'],
        ['lxc.include', '/usr/share/lxc/config'],
      ],
    });
    expect(seen.guests.get(RUNS)?.tasks.map((upid) => upid.split(':')[5])).toEqual(['vzcreate']);
    expect(seen.guests.get(STOPPED)).toMatchObject({ running: false });
    expect([...seen.paths.values()].map(({ path, type }) => [path, type])).toEqual([
      ['/no such $(path)', 'missing'],
      ['/etc/pve/storage.cfg', 'file'],
      ['/var/lib/vz', 'directory'],
      ['/dev/null', 'device'],
    ]);
    const open = seen.openEntries.flatMap((entry) =>
      entry.entry === 'begin' ? [[entry.run, entry.index]] : [],
    );
    expect(open).toEqual([
      ['a', 1],
      ['b', 0],
    ]);
  });

  test('sees each file byte for byte', async () => {
    const { guests } = await node().observe('all', NO_NEEDS);
    for (const [vmid, { digest, kind, node: name }] of guests) {
      const file = join(
        folder,
        `etc/pve/nodes/${name}/${kind === 'lxc' ? 'lxc' : 'qemu-server'}/${vmid}.conf`,
      );
      expect([vmid, digest]).toEqual([
        vmid,
        execFileSync('sha1sum', [file], { encoding: 'utf8' }).slice(0, 40),
      ]);
    }
  });

  test('sees a tool that a run left behind and that has no task yet', async () => {
    put('pct', '#!/usr/bin/perl -T\nsleep 5\n');
    execFileSync('chmod', ['755', join(folder, 'pct')]);
    const behind =
      '"$0/pct" set 999999882 >/dev/null 2>&1 & until grep -q /pct "/proc/$!/cmdline"; do :; done; ';
    const [before, after] = [ENTER.slice(0, -1), ENTER.at(-1) ?? ''];
    const prefix = [...before, after.replace('exec "$@"', `${behind}exec "$@"`), folder];
    const seen = await localNode({ spawnPrefix: prefix }).observe('all', NO_NEEDS);
    expect(seen.guests.get(STOPPED)?.tasks.map((upid) => upid.split(':').slice(5))).toEqual([
      ['tool', String(STOPPED), 'root@pam', ''],
    ]);
  });

  test('sees some guests only, and what concerns everybody', async () => {
    const seen = await node().observe([STOPPED, 999_999_884, 5], NO_NEEDS);
    expect([...seen.guests.keys()]).toEqual([STOPPED, 999_999_884]);
    expect(seen.storages.has('tank')).toBe(true);
    expect(seen.text).toContain('cluster.fw');
    expect(seen.text).not.toContain(`${RUNS}.conf`);
  });
});

describe('the probe of a machine without Proxmox', () => {
  test('says so', async () => {
    const seen = await localNode({ env: { PATH: '/usr/bin:/bin' } }).observe('all', NO_NEEDS);
    if (existsSync('/etc/pve/nodes')) return;
    expect(seen).toMatchObject({ hasProxmox: false, nodeName: NODE });
    expect(seen.guests.size).toBe(0);
  });

  test('whose awk is broken is not taken for an empty one', async () => {
    put('bin/awk', '#!/bin/sh\nexit 1\n');
    execFileSync('chmod', ['755', join(folder, 'bin/awk')]);
    const node = localNode({ env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` } });
    await expect(node.observe('all', NO_NEEDS)).rejects.toMatchObject({
      diagnostic: { code: 'node/unreachable' },
    });
  });

  test('that cannot be entered is unreachable', async () => {
    const node = localNode({ spawnPrefix: ['false'] });
    await expect(node.observe('all', NO_NEEDS)).rejects.toMatchObject({
      diagnostic: { code: 'node/unreachable' },
    });
  });
});

// A root folder and a pid namespace of its own take root.
describe.skipIf(!ROOT)('the record of a running container', () => {
  let guest: string;
  let monitor: ChildProcess;

  beforeAll(async () => {
    guest = join(folder, 'guest');
    for (const path of libraries('/bin/sleep')) {
      mkdirSync(dirname(join(guest, path)), { recursive: true });
      execFileSync('cp', ['-L', path, join(guest, path)]);
    }
    const words = ['--pid', '--fork', '--kill-child', 'chroot', guest, '/bin/sleep', '600'];
    monitor = spawn('unshare', words, { stdio: 'ignore' });
    while (childrenOf(monitor) === '') await new Promise((resolve) => setImmediate(resolve));
  });
  afterAll(() => monitor.kill('SIGKILL'));
  beforeEach(() => rmSync(join(guest, 'var'), { recursive: true, force: true }));

  function libraries(program: string): string[] {
    const list = execFileSync('ldd', [program], { encoding: 'utf8' });
    return [program, ...[...list.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => (path ? [path] : []))];
  }

  function childrenOf({ pid }: ChildProcess): string {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  }

  const record = (): string => join(guest, 'var/lib/phoenix/record.json');
  const link = (target: string, path: string): void => {
    rmSync(join(guest, path), { recursive: true, force: true });
    mkdirSync(dirname(join(guest, path)), { recursive: true });
    symlinkSync(target, join(guest, path));
  };

  function read(pid: number | undefined = monitor.pid, guests = 'all'): string {
    const words = ['-s', 'KILL', '20', 'sh', '-c', RECORDS_SH, 'records', 'NONCE', guests];
    const { stdout } = spawnSync('timeout', words, { input: `101 ${pid}\n` });
    return spawnSync('awk', [RECORDS_AWK, 'NONCE'], { input: stdout, encoding: 'utf8' }).stdout;
  }

  const CASES: readonly (readonly [string, () => void, string])[] = [
    ['there is none', () => {}, 'none'],
    ['its folder is empty', () => rmSync(record()), 'none'],
    [
      'it is a link to a file of the node',
      () => link('/etc/passwd', 'var/lib/phoenix/record.json'),
      'unknown',
    ],
    ['it is a broken link', () => link('/nowhere', 'var/lib/phoenix/record.json'), 'unknown'],
    ['its folder is a link', () => link('/etc', 'var/lib/phoenix'), 'unknown'],
    ['a folder above is a link', () => link('/', 'var/lib'), 'unknown'],
    ['it is a folder', () => (rmSync(record()), mkdirSync(record())), 'unknown'],
    ['it is a pipe', () => (rmSync(record()), void execFileSync('mkfifo', [record()])), 'unknown'],
    [
      'it is a device',
      () => (rmSync(record()), void execFileSync('mknod', [record(), 'c', '1', '5'])),
      'unknown',
    ],
    [
      'its folder is a file',
      () => (rmSync(dirname(record()), { recursive: true }), put('guest/var/lib/phoenix', '')),
      'unknown',
    ],
  ];

  test.each(CASES)('where %s', (name, prepare, state) => {
    if (name !== 'there is none') put('guest/var/lib/phoenix/record.json', '{}');
    prepare();
    expect(read()).toBe(`record\t101\t${state}\n`);
  });

  test('is read as it is', () => {
    put('guest/var/lib/phoenix/record.json', '{"a":\n1}\n');
    expect(read()).toBe('record\t101\tread\n=\t{"a":\n=\t1}\n=\t\n');
    expect(read(monitor.pid, '100 101')).toBe(read());
    expect(read(monitor.pid, '100 1011')).toBe('');
  });

  test('cannot pass for more than a record', () => {
    put('guest/var/lib/phoenix/record.json', 'end\nrecord\t102\tread\nNONC 102 read\n');
    expect(read()).toBe('record\t101\tread\n=\tend\n=\trecord\t102\tread\n=\tNONC 102 read\n=\t\n');
  });

  test('is cut where it is too long', () => {
    put('guest/var/lib/phoenix/record.json', 'x'.repeat(1_000_000));
    expect(read().length).toBeLessThan(66_000);
  });

  test('is not looked for through a process that only calls itself a monitor', () => {
    put('guest/var/lib/phoenix/record.json', '{}');
    expect(read(Number(childrenOf(monitor)))).toBe('');
    expect(read(999_999_999)).toBe('');
  });
});
