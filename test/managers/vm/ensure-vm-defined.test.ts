import { describe, expect, test } from 'vitest';
import { ensureVmDefined as step } from '../../../src/managers/vm/ensure-vm-defined.ts';
import type { Operation, PveOperation } from '../../../src/model/operation.ts';
import { cloudInit } from '../../desired-vm.ts';
import { codes, commands, record } from '../given.ts';
import { askVm, vm, type GivenVm } from './ask-vm.ts';

const IMAGE = { file: 'debian-12.qcow2', url: 'https://images.test/debian-12.qcow2', sha256: 'a'.repeat(64) };
const IMPORT = { templates: ['local:import/debian-12.qcow2'] };
const OURS = '#phoenix%3A phoenix/8101\n';
/** What `qm create` leaves where it is told no more than a name and a disk (recording qemu-create-import). */
const MINIMAL = `${OURS}boot: order=scsi0
meta: creation-qemu=9.2.0,ctime=1767225600
name: web
scsi0: local:8101/vm-8101-disk-0.qcow2,size=3G
smbios1: uuid=b2f1
vmgenid: b2f1
`;
const SOURCE = (more = ''): string => `name: golden\nboot: order=scsi0\n${more}`;
const TEMPLATE = SOURCE('template: 1\nscsi0: local:9000/base-9000-disk-0.qcow2,size=3G\n');
const PLAIN = SOURCE('scsi0: local:9000/vm-9000-disk-0.qcow2,size=3G\n');

const storages = new Map(
  (
    [
      ['local', 'dir', ['images', 'import', 'snippets']],
      ['tank', 'zfspool', ['images', 'rootdir']],
    ] as const
  ).map(([id, type, content]) => [
    id,
    { id, type, content, ...(type === 'dir' && { path: '/var/lib/vz' }), options: new Map() },
  ]),
);
const ask = (given: GivenVm) => askVm(step, { ...given, node: { storages, ...given.node } });

const begun = (call: string, params: PveOperation['params'] = {}, vmid = 8101): Operation => ({
  op: 'pve',
  target: 8101,
  step: 'ensure_vm_defined',
  changes: [],
  gates: [],
  call,
  vmid,
  params,
});

describe('from a cloud image', () => {
  test('one call with everything that the folder says, after its record', () => {
    const answer = ask({
      node: IMPORT,
      desired: {
        image: IMAGE,
        storage: 'local',
        memoryMiB: 2048,
        cores: 2,
        cpuType: 'host',
        agent: true,
        serialConsole: true,
        startAtBoot: true,
        startup: { order: 3, up: 5 },
        tags: ['web'],
        notes: 'mine',
        cloudInit: cloudInit(),
        nics: [{ slot: 'net0', bridge: 'vmbr0', mac: '52:54:00:AA:CC:01', firewall: true, vlan: 20 }],
        disks: [{ slot: 'scsi1', storage: 'tank', sizeGiB: 8, ssd: true }],
        pciDevices: [{ slot: 'hostpci0', source: { mapping: 'gpu' }, pcie: true }],
      },
    });
    expect(answer.operations.map(({ op }) => op)).toEqual(['write', 'pve']);
    expect(answer.operations[0]).toMatchObject({
      path: '/etc/pve/priv/phoenix/8101.json',
      content: expect.stringMatching(/"nics": \[\s*"net0"\s*\][^]*"disks": \[\s*"scsi1"\s*\]/),
    });
    const create = answer.operations[1] as PveOperation;
    expect(create).toMatchObject({ call: 'qm create', vmid: 8101, gates: ['storage:local', 'storage:tank'] });
    expect(create.params).toEqual({
      ostype: 'l26',
      scsihw: 'virtio-scsi-single',
      scsi0: 'local:0,import-from=/var/lib/vz/import/debian-12.qcow2,discard=on,format=qcow2',
      boot: 'order=scsi0',
      ide2: 'local:cloudinit',
      name: 'web',
      memory: '2048',
      cores: '2',
      cpu: 'host',
      agent: '1',
      serial0: 'socket',
      vga: 'serial0',
      onboot: '1',
      startup: 'order=3,up=5',
      tags: 'web',
      description: 'mine\nphoenix: phoenix/8101',
      net0: 'virtio=52:54:00:AA:CC:01,bridge=vmbr0,firewall=1,tag=20',
      scsi1: 'tank:8,ssd=1',
      hostpci0: 'mapping=gpu,pcie=1',
    });
  });

  test('a storage with snapshots of its own takes its own format', () => {
    const { operations } = ask({ node: IMPORT, desired: { image: IMAGE, storage: 'tank' } });
    expect((operations[1] as PveOperation).params['scsi0']).toBe(
      'tank:0,import-from=/var/lib/vz/import/debian-12.qcow2,discard=on',
    );
  });

  test('with OVMF it gets a disk for its settings', () => {
    const { operations } = ask({ node: IMPORT, desired: { image: IMAGE, storage: 'tank', bios: 'ovmf' } });
    expect((operations[1] as PveOperation).params['efidisk0']).toContain('tank:');
  });

  test.each([
    ['to a storage that takes images', {}, '/var/lib/vz/import/debian-12.qcow2'],
    [
      'to a folder of our own, where none does',
      { storages: new Map() },
      '/var/lib/phoenix/images/debian-12.qcow2',
    ],
  ])('an image that is missing is downloaded %s', (_, node, path) => {
    const answer = ask({ node, desired: { image: IMAGE, storage: 'local' } });
    expect(answer.operations[0]).toMatchObject({
      op: 'exec',
      in: 'node',
      gates: [`image:${path}`],
      provides: [`file:${path}`],
      script: { args: [path, IMAGE.url, IMAGE.sha256, ''] },
    });
    expect((answer.operations[2] as PveOperation).params['scsi0']).toContain(`import-from=${path},`);
  });

  test('D-74: an image that nothing vouches for is named as such', () => {
    const { sha256: _, ...image } = IMAGE;
    expect(codes(ask({ desired: { image, storage: 'local' } }))).toEqual(['vm/image-unchecked']);
    const listed = { ...image, checksumsUrl: 'https://images.test/SHA256SUMS' };
    expect(codes(ask({ desired: { image: listed, storage: 'local' } }))).toEqual([]);
  });

  test('nothing to make it from is an error', () => {
    expect(codes(ask({}))).toEqual(['vm/nothing-to-make-it-from']);
  });
});

describe('as a clone', () => {
  const clone = (
    text: string,
    cloneFrom: object = {},
    { storage, running = false, node = 'vm' }: { storage?: string; running?: boolean; node?: string } = {},
  ) =>
    ask({
      desired: { cloneFrom: { vmid: 9000, ...cloneFrom }, ...(storage !== undefined && { storage }) },
      others: [vm(text, { vmid: 9000, running, node, nodeRecord: record({ vmid: 9000, nics: ['net3'] }) })],
    });
  const NOTES = "--description 'phoenix: phoenix/8101'";

  test.each([
    ['of a template, linked', TEMPLATE, {}, {}, `qm clone 9000 8101 --name web ${NOTES}`],
    [
      'of a template, in full where the folder says so',
      TEMPLATE,
      { isFull: true },
      { storage: 'tank' },
      `qm clone 9000 8101 --name web ${NOTES} --full 1 --storage tank`,
    ],
    [
      'of a template, in full on another storage',
      TEMPLATE,
      {},
      { storage: 'tank' },
      `qm clone 9000 8101 --name web ${NOTES} --full 1 --storage tank`,
    ],
    ['of a stopped VM, in full', PLAIN, {}, {}, `qm clone 9000 8101 --name web ${NOTES} --full 1`],
    [
      'of a snapshot, also while its source runs',
      `${PLAIN}\n[ready]\nsnaptime: 1\nscsi0: local:9000/vm-9000-disk-0.qcow2\n`,
      { snapshot: 'ready' },
      { running: true },
      `qm clone 9000 8101 --name web ${NOTES} --snapname ready --full 1`,
    ],
  ])('%s', (_, text, cloneFrom, more, expected) => {
    expect(commands(clone(text, cloneFrom, more))).toEqual([expected]);
  });

  test.each([
    ['a source that runs', PLAIN, {}, { running: true }, 'vm/clone-source-running'],
    ['a source on another node', PLAIN, {}, { node: 'other' }, 'vm/on-other-node'],
    ['a snapshot that is missing', PLAIN, { snapshot: 'ready' }, {}, 'vm/clone-snapshot-missing'],
    ['linked, of no template', PLAIN, { isFull: false }, {}, 'vm/linked-clone-needs-template'],
    [
      'linked, on another storage',
      TEMPLATE,
      { isFull: false },
      { storage: 'tank' },
      'vm/linked-clone-elsewhere',
    ],
  ])('%s is refused', (_, text, cloneFrom, more, code) => {
    const answer = clone(text, cloneFrom, more);
    expect([codes(answer), answer.operations]).toEqual([[code], []]);
  });

  test('a source that is missing is refused', () => {
    expect(codes(ask({ desired: { cloneFrom: { vmid: 9000 } } }))).toEqual(['vm/clone-source-missing']);
  });

  test('several at a time may copy from a template, one from a VM that runs', () => {
    const [, linked] = clone(TEMPLATE).operations;
    expect(linked?.gates).toEqual(['vm-clone:9000', 'storage:local']);
    const text = `${PLAIN}\n[ready]\nsnaptime: 1\n`;
    const [, running] = clone(text, { snapshot: 'ready' }, { running: true }).operations;
    expect(running?.gates).toEqual(['clone:9000', 'storage:local']);
  });
});

describe('what stands there', () => {
  test('D-37: a template is finished, and nothing of it is touched', () => {
    const text = `${MINIMAL.replace('vm-8101', 'base-8101')}template: 1\n`;
    const answer = ask({ desired: { image: IMAGE, isTemplate: true }, guest: vm(text) });
    expect([answer.finished, answer.operations]).toEqual([true, []]);
  });

  test("somebody else's is refused with its name and age, and taken over where that is asked for", () => {
    const theirs = vm(MINIMAL.replace(OURS, ''));
    const answer = ask({ guest: theirs });
    expect(codes(answer)).toEqual(['vm/foreign-guest']);
    expect(answer.diagnostics[0]?.detail).toContain('"web" (virtual machine, stopped, made on 2026-01-01)');
    expect(codes(ask({ guest: theirs, adopt: true }))).toEqual([]);
  });

  test('a container under its number is refused', () => {
    const answer = ask({ guest: { ...vm('hostname: ct\n'), kind: 'lxc' } });
    expect(answer.diagnostics[0]).toMatchObject({
      code: 'vm/is-a-container',
      summary: '8101 is a container, not a virtual machine',
    });
  });

  test('D-38: what a killed create left is removed with the disk that it had allocated, and made anew', () => {
    const answer = ask({
      desired: { image: IMAGE, storage: 'local' },
      node: { ...IMPORT, volumes: ['local:8101/vm-8101-disk-0.qcow2'] },
      guest: vm('lock: create\n'),
      open: [begun('qm create', { name: 'web', scsi0: 'local:0,import-from=/x' })],
    });
    expect(commands(answer).map((line) => line.split(' --')[0])).toEqual([
      'qm unlock 8101',
      'pvesm free local:8101/vm-8101-disk-0.qcow2',
      'qm destroy 8101',
      'qm create 8101',
    ]);
  });

  test('D-38: what a killed clone left is removed and made anew', () => {
    const answer = ask({
      desired: { cloneFrom: { vmid: 9000 } },
      guest: vm(
        'lock: clone\nname: web\nscsi0: local:9000/base-9000-disk-0.qcow2/8101/vm-8101-disk-0.qcow2\n',
      ),
      others: [vm(TEMPLATE, { vmid: 9000 })],
      node: { volumes: ['local:8101/vm-8101-disk-0.qcow2'] },
      open: [begun('qm clone', { name: 'web' }, 9000)],
    });
    expect(commands(answer).map((line) => line.split(' --')[0])).toEqual([
      'qm unlock 8101',
      'qm destroy 8101',
      'qm clone 9000 8101',
    ]);
  });

  test('with more disks than that call makes, it is somebody’s work and refused', () => {
    const disks = [0, 1].map((number) => `local:8101/vm-8101-disk-${number}.qcow2`);
    const answer = ask({
      desired: { image: IMAGE, storage: 'local' },
      node: { ...IMPORT, volumes: disks },
      guest: vm('lock: create\n'),
      open: [begun('qm create', { name: 'web', scsi0: 'local:0,import-from=/x' })],
    });
    expect([codes(answer), answer.operations]).toEqual([['vm/foreign-guest'], []]);
  });

  test('a lock of ours that nobody works under is lifted, anybody else’s is theirs', () => {
    const guest = vm(`${MINIMAL}lock: snapshot\n`);
    expect(commands(ask({ guest, open: [begun('qm snapshot')] }))).toEqual(['qm unlock 8101']);
    expect(codes(ask({ guest }))).toEqual(['vm/locked']);
  });

  test('while a task works on it, it is waited for', () => {
    const tasks = ['UPID:vm:0001:0002:0003:qmcreate:8101:root@pam:'];
    const answer = ask({ guest: vm('lock: create\n', { tasks }) });
    expect(answer.operations).toMatchObject([{ op: 'wait', in: 8101, for: 'task' }]);
  });

  test('a template whose disks were not all made bases is gone on with, disk by disk', () => {
    const text = `${MINIMAL}template: 1\nscsi1: local:8101/vm-8101-disk-1.qcow2,size=1G\n`;
    const answer = ask({
      guest: vm(text),
      node: { volumes: ['local:8101/base-8101-disk-0.qcow2', 'local:8101/vm-8101-disk-1.qcow2'] },
      open: [begun('qm template')],
    });
    expect(commands(answer)).toEqual([
      [
        '# edit /etc/pve/nodes/vm/qemu-server/8101.conf',
        '#   - scsi0: local:8101/vm-8101-disk-0.qcow2,size=3G',
        '#   + scsi0: local:8101/base-8101-disk-0.qcow2,size=3G',
      ].join('\n'),
      'qm template 8101 --disk scsi1',
    ]);
  });
});
