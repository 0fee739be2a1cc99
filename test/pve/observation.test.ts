import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { NodeUnreachable } from '../../src/model/unreachable.ts';
import { parseObservation } from '../../src/pve/observation.ts';

const CONFIG = 'arch: amd64\nhostname: web\nmemory: 512\n\n[s1]\nmemory: 256\n';

function textOf(...lines: readonly string[]): string {
  return `${['phoenix-observation 1', 'node\tpve1', ...lines, 'end'].join('\n')}\n`;
}

function file(path: string, text: string): string[] {
  return [`file\t${path}`, ...(text === '' ? [] : text.split('\n').map((line) => `=\t${line}`))];
}

const CONTAINER = file('/etc/pve/nodes/pve1/lxc/101.conf', CONFIG);

describe('parseObservation', () => {
  test('reads the machine', () => {
    const seen = parseObservation(
      textOf(
        'proxmox\t1',
        'memory\t7980',
        'nvidia\tNVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build',
        'bridge\tvmbr0',
        'bridge\tvmbr1',
        'gpu\t/dev/nvidia0',
        'template\tlocal:vztmpl/debian-12.tar.zst',
        'volume\tlocal:101/vm-101-disk-0.raw',
        'path\tdirectory\t100000\t100000\t/srv/a b',
        'path\tcharacter special file\t0\t44\t/dev/dri/card0',
        'path\tregular empty file\t0\t0\t/srv/f',
        'path\tsocket\t0\t0\t/srv/s',
        'path\tmissing\t-\t-\t/nope',
      ),
    );
    expect(seen).toMatchObject({
      nodeName: 'pve1',
      hasProxmox: true,
      memoryMiB: 7980,
      nvidiaVersion: '550.54.14',
      bridges: ['vmbr0', 'vmbr1'],
      gpuDevices: ['/dev/nvidia0'],
      templates: ['local:vztmpl/debian-12.tar.zst'],
      volumes: ['local:101/vm-101-disk-0.raw'],
      diagnostics: [],
    });
    expect([...seen.paths.values()]).toEqual([
      { path: '/srv/a b', type: 'directory', uid: 100_000, gid: 100_000 },
      { path: '/dev/dri/card0', type: 'device', uid: 0, gid: 44 },
      { path: '/srv/f', type: 'file', uid: 0, gid: 0 },
      { path: '/srv/s', type: 'other', uid: 0, gid: 0 },
      { path: '/nope', type: 'missing' },
    ]);
  });

  test('reads a machine without Proxmox', () => {
    const seen = parseObservation(textOf('proxmox\t0'));
    expect(seen.hasProxmox).toBe(false);
    expect(seen.guests.size + seen.storages.size).toBe(0);
  });

  test.each([
    [
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024',
      '535.183.01',
    ],
    ['NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256  Sun', '470.256'],
    ['nonsense', undefined],
  ])('finds the driver version in %j', (line, version) => {
    expect(parseObservation(textOf(`nvidia\t${line}`)).nvidiaVersion).toBe(version);
  });

  test('reads a container with all that belongs to it', () => {
    const nodeRecord = {
      vmid: 101,
      mounts: ['/data'],
      devices: [],
      nics: [],
      rawLines: [],
      firewallRules: [],
    };
    const task = 'UPID:pve1:00001234:0000ABCD:65A00000:vzdump:101:root@pam:';
    const guest = parseObservation(
      textOf(
        ...CONTAINER,
        ...file('/etc/pve/firewall/101.fw', '[OPTIONS]\nenable: 1\n'),
        ...file('/etc/pve/priv/phoenix/101.json', JSON.stringify(nodeRecord)),
        'running\tlxc\t101',
        'started\t101',
        '=\tlxc.arch = amd64',
        '=\tlxc.mount.entry = /a b none bind=x',
        `task\t${task}`,
        'task\tUPID:pve1:00001235:0000ABCE:65A00000:vzdump:102:root@pam:',
        'record\t101\tread',
        '=\t{"features":{"docker":"d1"},',
        '=\t "scripts":{}}',
        '=\t',
      ),
    ).guests.get(101);
    expect(guest).toMatchObject({
      vmid: 101,
      kind: 'lxc',
      node: 'pve1',
      running: true,
      digest: createHash('sha1').update(CONFIG).digest('hex'),
      startedWith: [
        ['lxc.arch', 'amd64'],
        ['lxc.mount.entry', '/a b none bind=x'],
      ],
      record: { features: { docker: 'd1' }, scripts: {} },
      nodeRecord,
      firewall: '[OPTIONS]\nenable: 1\n',
      tasks: [task],
    });
    expect(guest?.config.head.keys.get('memory')).toBe('512');
    expect(guest?.config.snapshots.get('s1')?.keys.get('memory')).toBe('256');
  });

  test.each(['', 'memory: 512', 'memory: 512\n', '\n\n', '=\tmemory: 1\n=\t\n', 'a\r\nb\n'])(
    'takes the digest of exactly the text %j',
    (text) => {
      const guest = parseObservation(textOf(...file('/etc/pve/nodes/pve1/lxc/101.conf', text))).guests.get(
        101,
      );
      expect(guest?.digest).toBe(createHash('sha1').update(text).digest('hex'));
    },
  );

  test('knows a guest of another node, and does not believe that it runs here', () => {
    const lines = file('/etc/pve/nodes/pve2/qemu-server/200.conf', 'memory: 1\n');
    const guest = parseObservation(textOf(...lines, 'running\tvm\t200')).guests.get(200);
    expect(guest).toMatchObject({ kind: 'vm', node: 'pve2', running: false, record: 'unknown' });
  });

  test('says so when two files claim one id', () => {
    const seen = parseObservation(
      textOf(...CONTAINER, ...file('/etc/pve/nodes/pve2/lxc/101.conf', 'memory: 1\n')),
    );
    expect(seen.diagnostics.map(({ code, target }) => [code, target])).toEqual([
      ['observation/duplicate-vmid', 101],
    ]);
  });

  test.each([
    ['none', ['record\t101\tnone'], 'none', []],
    ['not seen', [], 'unknown', []],
    ['not safe to read', ['record\t101\tunknown'], 'unknown', ['observation/guest-record']],
    ['no JSON', ['record\t101\tread', '=\t{"features'], 'unknown', ['observation/guest-record']],
    ['no record', ['record\t101\tread', '=\t{"features":{"a":1}}'], 'unknown', ['observation/guest-record']],
    ['empty', ['record\t101\tread'], 'unknown', ['observation/guest-record']],
    ['too long', ['record\t101\tread', `=\t${'x'.repeat(70_000)}`], 'unknown', ['observation/guest-record']],
  ])('reads a record that is %s', (_, lines, record, codes) => {
    const seen = parseObservation(textOf(...CONTAINER, 'running\tlxc\t101', ...lines));
    expect(seen.guests.get(101)?.record).toEqual(record);
    expect(seen.diagnostics.map(({ code }) => code)).toEqual(codes);
  });

  test('takes no line of a record for one of its own', () => {
    const forged = ['end', 'running\tlxc\t999', 'record\t101\tnone', 'proxmox\t1'];
    const seen = parseObservation(
      textOf(
        'proxmox\t0',
        ...CONTAINER,
        'running\tlxc\t101',
        'record\t101\tread',
        ...forged.map((line) => `=\t${line}`),
      ),
    );
    expect(seen.guests.get(101)?.record).toBe('unknown');
    expect(seen.hasProxmox).toBe(false);
  });

  test('says so when its own record of a guest is none', () => {
    const seen = parseObservation(
      textOf(...CONTAINER, ...file('/etc/pve/priv/phoenix/101.json', '{"vmid":102}')),
    );
    expect(seen.guests.get(101)?.nodeRecord).toBeUndefined();
    expect(seen.diagnostics.map(({ code }) => code)).toEqual(['observation/node-record']);
  });

  test('reads storages', () => {
    const text =
      'dir: local\n\tpath /var/lib/vz\n\tcontent vztmpl,rootdir\n\n' +
      'zfspool: tank\n\tpool rpool/data\n\tsparse\n\n' +
      'nfs: nas\n\tserver 10.0.0.9\n\texport /x\n\tcontent iso\n';
    const { storages } = parseObservation(textOf('proxmox\t1', ...file('/etc/pve/storage.cfg', text)));
    expect(
      [...storages.values()].map(({ id, type, path, content }) => ({ id, type, path, content })),
    ).toEqual([
      { id: 'local', type: 'dir', path: '/var/lib/vz', content: ['vztmpl', 'rootdir'] },
      { id: 'tank', type: 'zfspool', path: undefined, content: ['images', 'rootdir'] },
      { id: 'nas', type: 'nfs', path: '/mnt/pve/nas', content: ['iso'] },
    ]);
    expect(storages.get('tank')?.options.get('sparse')).toBe('1');
  });

  test('knows that a Proxmox node has a storage local', () => {
    const { storages } = parseObservation(textOf('proxmox\t1'));
    expect(storages.get('local')).toMatchObject({ type: 'dir', path: '/var/lib/vz' });
  });

  test('reads what a journal left open, and complains of what it cannot read', () => {
    const entry = {
      at: 1,
      run: 'r',
      entry: 'begin',
      index: 0,
      target: 101,
      step: 's',
      operation: { op: 'pve', call: 'pct create' },
    };
    const seen = parseObservation(
      textOf(`open\t${JSON.stringify(entry)}`, 'open\t{"at":1', 'open\t{"entry":"begin","target":"x"}'),
    );
    expect(seen.openEntries).toEqual([entry]);
    expect(seen.diagnostics).toHaveLength(2);
  });

  test.each([
    ['nothing', ''],
    ['something else', 'Last login: yesterday\n'],
    ['another version', textOf().replace('observation 1', 'observation 2')],
    ['a text without its end', textOf(...CONTAINER).slice(0, -4)],
    ['a text that ends in a line', textOf(...CONTAINER, '=\tend').slice(0, -5)],
    ['a nameless node', 'phoenix-observation 1\nproxmox\t1\nend\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parseObservation(text)).toThrow(NodeUnreachable);
    try {
      parseObservation(text);
    } catch (error) {
      expect(error).toMatchObject({ diagnostic: { code: 'node/unreadable-observation', severity: 'error' } });
    }
  });
});
