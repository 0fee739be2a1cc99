import { describe, expect, test } from 'vitest';
import { ensureContainerDefined as step } from '../../../src/managers/lxc/ensure-container-defined.ts';
import type { Operation, PveOperation } from '../../../src/model/operation.ts';
import { ask, asked, codes, commands, guest, MINIMAL, OURS, record, TEMPLATE } from '../given.ts';

const VOLUME = `local:vztmpl/${TEMPLATE}`;

describe('pct create', () => {
  test('carries every key that it accepts and the folder sets', () => {
    const answer = ask(step, {
      desired: {
        template: VOLUME,
        storage: 'local',
        rootfsGiB: 8,
        memoryMiB: 768,
        swapMiB: 128,
        cores: 2,
        startAtBoot: true,
        startup: { order: 3, up: 5, down: 10 },
        nameservers: ['10.0.0.1', '8.8.8.8'],
        searchDomain: 'lab.internal',
        timezone: 'host',
        protection: false,
        unprivileged: true,
        pctFeatures: { nesting: '1', keyctl: '1' },
        tags: ['Web', 'prod', 'web'],
        notes: 'first line\nsecond: 100%',
        nics: [
          {
            name: 'eth0',
            bridge: 'vmbr0',
            ip: '10.99.0.81/24',
            gateway: '10.99.0.1',
            mac: '52:54:00:aa:bb:cc',
            firewall: true,
            vlan: 20,
            mtu: 1400,
            rateMBps: 12,
          },
        ],
        volumes: [{ storage: 'local-btrfs', sizeGiB: 5, path: '/data/', backup: true }],
        mounts: [{ hostPath: '/srv', path: '/host-srv', readOnly: true }],
        devices: [{ path: '/dev/fuse', mode: '0666', uid: 1000, gid: 44 }],
      },
    });
    expect(answer.diagnostics).toEqual([]);
    const create = answer.operations.at(-1) as PveOperation;
    expect({ call: create.call, vmid: create.vmid, positional: create.positional }).toEqual({
      call: 'pct create',
      vmid: 8101,
      positional: [VOLUME],
    });
    expect(create.params).toEqual({
      rootfs: 'local:8',
      hostname: 'web',
      memory: '768',
      swap: '128',
      cores: '2',
      onboot: '1',
      startup: 'order=3,up=5,down=10',
      nameserver: '10.0.0.1 8.8.8.8',
      searchdomain: 'lab.internal',
      timezone: 'host',
      protection: '0',
      features: 'nesting=1,keyctl=1',
      tags: 'prod;web',
      description: 'first line\nsecond: 100%\nphoenix: phoenix/8101',
      unprivileged: '1',
      net0: 'name=eth0,bridge=vmbr0,firewall=1,gw=10.99.0.1,hwaddr=52:54:00:AA:BB:CC,ip=10.99.0.81/24,mtu=1400,rate=12,tag=20,type=veth',
      mp0: 'local-btrfs:5,mp=/data,backup=1',
      mp1: '/srv,mp=/host-srv,ro=1',
      dev0: '/dev/fuse,mode=0666,uid=1000,gid=44',
    });
    expect(create.gates).toEqual(['storage:local', 'storage:local-btrfs']);
  });

  test('says nothing that the folder does not say', () => {
    const answer = ask(step, { desired: { template: VOLUME } });
    expect(commands(answer)).toEqual([
      `pct create 8101 ${VOLUME} --hostname web --description 'phoenix: phoenix/8101'`,
    ]);
  });

  test('comes after the record that names what it puts in', () => {
    const answer = ask(step, {
      desired: {
        template: VOLUME,
        volumes: [{ storage: 'local', sizeGiB: 1, path: '/data' }],
        nics: [{ name: 'eth0', bridge: 'vmbr0' }],
        rawLines: [['lxc.apparmor.profile', 'unconfined']],
      },
    });
    const [write, create] = answer.operations;
    expect(write).toMatchObject({
      op: 'write',
      in: 'node',
      path: '/etc/pve/priv/phoenix/8101.json',
      mode: 0o600,
    });
    expect(JSON.parse(write?.op === 'write' ? String(write.content ?? '') : '')).toEqual(
      record({ mounts: ['/data'], nics: ['eth0'], rawLines: ['lxc.apparmor.profile: unconfined'] }),
    );
    expect(create).toMatchObject({ op: 'pve', call: 'pct create' });
  });

  test('gives a NIC without an address the same one every time, and different ones to different NICs', () => {
    const nics = [
      { name: 'eth0', bridge: 'vmbr0' },
      { name: 'eth1', bridge: 'vmbr0' },
    ];
    const macs = [1, 2].map(() => {
      const create = ask(step, { desired: { template: VOLUME, nics } }).operations.at(-1) as PveOperation;
      return ['net0', 'net1'].map(
        (key) => /hwaddr=([0-9A-F:]{17})/.exec(String(create.params[key]))?.[1] ?? '',
      );
    });
    expect(macs[0]).toEqual(macs[1]);
    expect(new Set(macs[0]).size).toBe(2);
    for (const mac of macs[0] ?? []) expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
  });

  test('makes a missing mount source and gives it to the owner that the container sees', () => {
    const answer = ask(step, {
      desired: {
        template: VOLUME,
        unprivileged: true,
        mounts: [{ hostPath: '/srv/new', path: '/data', ownerUid: 33, ownerGid: 33 }],
      },
      node: { paths: new Map([['/srv/new', { path: '/srv/new', type: 'missing' }]]) },
    });
    expect(commands(answer).slice(0, 2)).toEqual(['mkdir -p -- /srv/new', 'chown 100033:100033 -- /srv/new']);
    expect(answer.changes.map(({ attribute }) => attribute)).toEqual([
      'container',
      'directory /srv/new',
      'owner of /srv/new',
    ]);
  });
});

describe('the template', () => {
  test.each([
    ['a volume id that is there', VOLUME, VOLUME, []],
    ['D-48: a path, found by its file on a storage', `/fastData/iso/template/cache/${TEMPLATE}`, VOLUME, []],
    [
      'a volume id that is not there',
      'local:vztmpl/other.tar.zst',
      'local:vztmpl/other.tar.zst',
      ['pveam update', 'pveam download local other.tar.zst'],
    ],
    [
      'a path that is nowhere',
      '/var/lib/vz/template/cache/other.tar.zst',
      'local:vztmpl/other.tar.zst',
      ['pveam update', 'pveam download local other.tar.zst'],
    ],
  ])('%s', (_, template, volume, downloads) => {
    const list = commands(ask(step, { desired: { template } }));
    expect(list.slice(0, -1)).toEqual(downloads);
    expect(list.at(-1)).toContain(`pct create 8101 ${volume} `);
  });

  test('a path that stands on the node is taken as it is', () => {
    const path = '/root/own.tar.zst';
    const answer = ask(step, {
      desired: { template: path },
      node: { paths: new Map([[path, { path, type: 'file' }]]) },
    });
    expect(commands(answer)).toEqual([expect.stringContaining(`pct create 8101 ${path} `)]);
    expect(step.needs?.(asked({ desired: { template: path } }).desired).paths).toContain(path);
  });

  test.each([
    [undefined, 'lxc/nothing-to-make-it-from'],
    ['gone:vztmpl/x.tar.zst', 'lxc/no-storage-for-template'],
  ])('%s can not be had: %s', (template, code) => {
    const answer = ask(step, { desired: template === undefined ? {} : { template } });
    expect(codes(answer)).toEqual([code]);
    expect(answer.operations).toEqual([]);
  });
});

const SOURCE = `#phoenix%3A phoenix/8100
arch: amd64
hostname: base
memory: 512
mp0: local-btrfs:8100/vm-8100-disk-1.raw,mp=/cache,size=1G
net0: name=eth0,bridge=vmbr0,hwaddr=52:54:00:AA:BB:CC,type=veth
ostype: debian
parent: final-form
rootfs: local-btrfs:8100/vm-8100-disk-0.raw,size=1G
swap: 512
unprivileged: 1

[final-form]
arch: amd64
hostname: base
memory: 512
ostype: debian
rootfs: local-btrfs:8100/vm-8100-disk-0.raw,size=1G
snaptime: 1700000000
swap: 512
unprivileged: 1
`;

describe('pct clone', () => {
  const source = guest(SOURCE, {
    vmid: 8100,
    nodeRecord: record({ vmid: 8100, mounts: ['/cache'], nics: ['eth0'] }),
  });
  const cloneFrom = { vmid: 8100, snapshot: 'final-form' };

  test('starts at the snapshot, with our line for its own number', () => {
    const answer = ask(step, { desired: { cloneFrom, nics: [{ name: 'eth1' }] }, others: [source] });
    expect(commands(answer)).toEqual([
      "pct clone 8100 8101 --hostname web --description 'phoenix: phoenix/8101' --snapname final-form --full 1",
    ]);
    expect(answer.operations.at(-1)?.gates).toEqual(['clone:8100', 'storage:local-btrfs']);
  });

  test("records what was ours in the source, so that it goes where the folder doesn't want it", () => {
    const answer = ask(step, { desired: { cloneFrom, nics: [{ name: 'eth1' }] }, others: [source] });
    const [write] = answer.operations;
    expect(JSON.parse(write?.op === 'write' ? String(write.content ?? '') : '')).toEqual(
      record({ mounts: ['/cache'], nics: ['eth0', 'eth1'], renewHostKeys: true }),
    );
  });

  test("a source that isn't ours leaves nothing to remove", () => {
    const foreign = guest(SOURCE.replace('phoenix/8100', 'phoenix/1'), {
      vmid: 8100,
      nodeRecord: record({ vmid: 8100, mounts: ['/cache'] }),
    });
    const [write] = ask(step, { desired: { cloneFrom }, others: [foreign] }).operations;
    expect(JSON.parse(write?.op === 'write' ? String(write.content ?? '') : '')).toEqual(
      record({ renewHostKeys: true }),
    );
  });

  test('of a template is linked, and full where it goes to another storage', () => {
    const template = guest(
      `${OURS.replace('8101', '8100')}hostname: base
ostype: debian
rootfs: local-btrfs:8100/base-8100-disk-0.raw,size=1G
template: 1
`,
      { vmid: 8100 },
    );
    const [linked, full] = ['local-btrfs', 'local'].map((storage) =>
      commands(ask(step, { desired: { cloneFrom, storage }, others: [template] })),
    );
    expect(linked).toEqual(["pct clone 8100 8101 --hostname web --description 'phoenix: phoenix/8101'"]);
    expect(full).toEqual([
      "pct clone 8100 8101 --hostname web --description 'phoenix: phoenix/8101' --full 1 --storage local",
    ]);
  });

  test.each([
    ['D-50: a source that is not there', [], cloneFrom, {}, 'lxc/clone-source-missing'],
    [
      'D-49: a snapshot whose name is only part of another',
      [source],
      { vmid: 8100, snapshot: 'final' },
      {},
      'lxc/clone-snapshot-missing',
    ],
    ['another privilege', [source], cloneFrom, { unprivileged: false }, 'lxc/clone-changes-unprivileged'],
    ['a source on another node', [{ ...source, node: 'b' }], cloneFrom, {}, 'lxc/on-other-node'],
    [
      'a running source without a snapshot',
      [{ ...source, running: true }],
      { vmid: 8100 },
      {},
      'lxc/clone-source-running',
    ],
    [
      'a source with a bind mount',
      [guest(SOURCE.replace('local-btrfs:8100/vm-8100-disk-1.raw', '/srv'), { vmid: 8100 })],
      { vmid: 8100 },
      {},
      'lxc/clone-source-has-bind-mount',
    ],
  ])('is refused beforehand: %s', (_, others, from, more, code) => {
    const answer = ask(step, { desired: { cloneFrom: from, ...more }, others });
    expect(codes(answer)).toEqual([code]);
    expect(answer.operations).toEqual([]);
    expect(answer.diagnostics[0]?.remedy).toBeTruthy();
  });
});

describe('a guest under the number', () => {
  const create: PveOperation = {
    op: 'pve',
    target: 8101,
    step: 'ensure_container_defined',
    changes: [],
    gates: [],
    call: 'pct create',
    vmid: 8101,
    positional: [VOLUME],
    params: { rootfs: 'local:1', hostname: 'web' },
  };
  const husk = `arch: amd64
ostype: debian
rootfs: local:8101/vm-8101-disk-0.raw,size=1G
`;

  test.each([
    ['ours', guest(MINIMAL), {}, []],
    ["someone else's", guest(MINIMAL.replace(OURS, '#mine\n')), {}, ['lxc/foreign-guest']],
    ['of another folder', guest(MINIMAL.replace('phoenix/8101', 'other/8101')), {}, ['lxc/foreign-guest']],
    ["a copy with its source's line", guest(MINIMAL.replace('8101', '900')), {}, ['lxc/foreign-guest']],
    ['taken over', guest(MINIMAL.replace(OURS, '')), { adopt: true }, []],
    ['a VM', guest('name: web\n', { kind: 'vm' }), { adopt: true }, ['lxc/is-a-vm']],
    ['on another node', guest(MINIMAL, { node: 'b' }), {}, ['lxc/on-other-node']],
    ["locked by something that isn't ours", guest(`${MINIMAL}lock: backup\n`), {}, ['lxc/locked']],
    ['half made, but not by us', guest(husk), {}, ['lxc/foreign-guest']],
    [
      'half made by us, but used since',
      guest(`${husk}\n[s1]\narch: amd64\n`),
      { open: [create] },
      ['lxc/foreign-guest'],
    ],
    [
      'half made by us, with a key that our call does not make',
      guest(`${husk}hookscript: local:snippets/x\n`),
      { open: [create] },
      ['lxc/foreign-guest'],
    ],
    [
      'half made by us, and running',
      guest(husk, { running: true }),
      { open: [create] },
      ['lxc/foreign-guest'],
    ],
    [
      'half made by us, with a volume beyond it',
      guest(husk),
      {
        open: [create],
        node: { volumes: ['local:8101/vm-8101-disk-0.raw', 'local:8101/vm-8101-disk-1.raw'] },
      },
      ['lxc/foreign-guest'],
    ],
  ])('%s', (_, found, more, expected) => {
    const answer = ask(step, { desired: { template: VOLUME }, guest: found, ...more });
    expect(codes(answer)).toEqual(expected);
    expect(answer.operations).toEqual([]);
  });

  test('names a foreign guest, its kind and its age', () => {
    const text = `${MINIMAL.replace(OURS, '')}\n[old]\nsnaptime: 1700000000\n`;
    const [diagnostic] = ask(step, { guest: guest(text) }).diagnostics;
    expect(diagnostic?.detail).toBe(
      '"web" (container, stopped, there since 2023-11-14 at least) carries no line of Phoenix in its notes.',
    );
    expect(diagnostic?.remedy).toContain('phoenix create 8101 --adopt');
  });

  test.each([
    ['without a lock (recording lxc-parallel)', husk, ['pct destroy 8101']],
    ['with our line, without the keys that come last', `${OURS}${husk}hostname: web\n`, ['pct destroy 8101']],
    ['still locked', `${husk}lock: create\n`, ['pct unlock 8101', 'pct destroy 8101']],
    [
      'with our line and still locked',
      `${OURS}${husk}lock: create\n`,
      ['pct unlock 8101', 'pct destroy 8101'],
    ],
  ])('D-38: what our killed create left is made anew: %s', (_, text, expected) => {
    const answer = ask(step, {
      desired: { template: VOLUME },
      guest: guest(text),
      open: [create],
      node: { volumes: ['local:8101/vm-8101-disk-0.raw', 'local:900/vm-900-disk-0.raw'] },
    });
    expect(commands(answer).slice(0, -1)).toEqual(expected);
    expect(commands(answer).at(-1)).toContain('pct create 8101');
  });

  test.each([
    ['ours, freed before the husk goes', {}, ['pvesm free local:8101/vm-8101-disk-0.raw']],
    ['there before: kept', { volumesBefore: ['local:8101/vm-8101-disk-0.raw'] }, []],
  ])('a volume that the husk does not name: %s', (_, marks, freed) => {
    const answer = ask(step, {
      desired: { template: VOLUME },
      guest: guest('lock: create\n', { nodeRecord: record(marks) }),
      open: [create],
      node: { volumes: ['local:8101/vm-8101-disk-0.raw', 'local:900/vm-900-disk-0.raw'] },
    });
    expect(commands(answer).slice(0, -1)).toEqual(['pct unlock 8101', ...freed, 'pct destroy 8101']);
    const written = answer.operations.findLast(({ op }) => op === 'write');
    expect(written).toMatchObject({ content: expect.stringContaining('"vmid": 8101') });
    expect(JSON.stringify(written).includes('volumesBefore')).toBe(freed.length === 0);
  });

  test('ours in spite of an open entry: go on', () => {
    expect(ask(step, { guest: guest(MINIMAL), open: [create] }).operations).toEqual([]);
  });

  test('while a task of it runs: wait, unless someone only looks at its console', () => {
    const task = (type: string): string => `UPID:vm:0000:0000:0000:${type}:8101:root@pam:`;
    const [working, looking] = ['vzcreate', 'vncproxy'].map((type) =>
      ask(step, { guest: guest(MINIMAL, { tasks: [task(type)] }) }),
    );
    expect(working?.operations).toMatchObject([{ op: 'wait', in: 8101, for: 'task' }]);
    expect(looking?.operations).toEqual([]);
  });

  const clone: Operation = { ...create, call: 'pct clone', vmid: 8100, positional: ['8101'] };

  test("a killed clone's worker is waited for, on the source that it is named after", () => {
    const source = guest(SOURCE, { vmid: 8100, tasks: ['UPID:vm:0:0:0:vzclone:8100:root@pam:'] });
    const answer = ask(step, { desired: { cloneFrom: { vmid: 8100 } }, others: [source], open: [clone] });
    expect(answer.operations).toMatchObject([{ op: 'wait', in: 8100, for: 'task' }]);
  });

  test('a source whose snapshot is still being taken is waited for', () => {
    const text = SOURCE.replace('snaptime', 'snapstate: prepare\nsnaptime');
    const ask8101 = (tasks: readonly string[]) =>
      ask(step, {
        desired: { cloneFrom: { vmid: 8100, snapshot: 'final-form' } },
        others: [guest(text, { vmid: 8100, tasks })],
      });
    expect(ask8101(['UPID:vm:0:0:0:vzsnapshot:8100:root@pam:']).operations).toMatchObject([
      { op: 'wait', in: 8100, for: 'task' },
    ]);
    expect(codes(ask8101([]))).toEqual(['lxc/clone-snapshot-missing']);
    expect(ask8101([]).diagnostics[0]?.remedy).toBe('phoenix create 8100');
  });

  test('a source in use that has no snapshot yet needs a restart for it', () => {
    const answer = ask(step, {
      desired: { cloneFrom: { vmid: 8100, snapshot: 'clean' } },
      others: [guest(MINIMAL, { vmid: 8100, running: true })],
    });
    expect(answer.diagnostics[0]?.remedy).toBe('phoenix create 8100 --allow restart');
  });

  test('a lock that our killed clone left on its source is lifted', () => {
    const source = guest(SOURCE.replace('memory', 'lock: disk\nmemory'), { vmid: 8100 });
    const given = { desired: { cloneFrom: { vmid: 8100 } }, others: [source] };
    expect(commands(ask(step, { ...given, open: [clone] }))).toEqual(['pct unlock 8100']);
    expect(commands(ask(step, given))).not.toContain('pct unlock 8100');
  });

  test('a lock of our own killed snapshot is lifted', () => {
    const open: Operation[] = [{ ...create, call: 'pct snapshot' }];
    const answer = ask(step, { guest: guest(`${MINIMAL}lock: snapshot\n`), open });
    expect(commands(answer)).toEqual(['pct unlock 8101']);
  });

  test("a lock that another guest's killed snapshot does not explain stays", () => {
    const open: Operation[] = [{ ...create, call: 'pct snapshot', target: 8102, vmid: 8102 }];
    const answer = ask(step, { guest: guest(`${MINIMAL}lock: snapshot\n`), open });
    expect(commands(answer)).toEqual([]);
    expect(codes(answer)).toEqual(['lxc/locked']);
  });
});

describe('a finished container', () => {
  const golden = `${MINIMAL}parent: final-form\n\n[final-form]\narch: amd64\n`;

  test.each([
    ['a template', `${MINIMAL}template: 1\n`, false, true],
    ['stopped, with its golden snapshot', golden, false, true],
    ['running, with its golden snapshot', golden, true, undefined],
    ['stopped, with one that was cut short', `${golden}snapstate: prepare\n`, false, undefined],
    ['stopped, without', MINIMAL, false, undefined],
  ])('%s', (_, text, running, finished) => {
    const answer = ask(step, {
      desired: { templateSnapshotName: 'final-form' },
      guest: guest(text, { running }),
    });
    expect(answer.finished).toBe(finished);
    expect(answer.operations).toEqual([]);
  });

  test('is reported as stale where its definition changed since, and left alone', () => {
    const answer = ask(step, {
      desired: { templateSnapshotName: 'final-form' },
      guest: guest(golden, { nodeRecord: record({ completed: 'another' }) }),
    });
    expect(codes(answer)).toEqual(['lxc/stale-golden']);
    expect(answer.diagnostics[0]?.severity).toBe('warning');
    expect(answer.operations).toEqual([]);
  });
});
