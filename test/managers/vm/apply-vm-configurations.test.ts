import { describe, expect, test } from 'vitest';
import { applyVmConfigurations as step } from '../../../src/managers/vm/apply-vm-configurations.ts';
import type { DesiredVm } from '../../../src/model/desired.ts';
import type { Effect } from '../../../src/model/change.ts';
import { codes, commands, effects, OURS, record } from '../given.ts';
import { askVm, vm, type GivenVm } from './ask-vm.ts';

const DIGEST = "--digest '<digest of 8101>'";

/** What stands in the recordings qemu-create-full and qemu-running, with our line. */
const FULL = `#first line
${OURS}agent: enabled=1,fstrim_cloned_disks=1
balloon: 512
boot: order=scsi0;net0
cores: 2
cpu: x86-64-v2-AES,flags=+aes
ide2: local:8101/vm-8101-cloudinit.qcow2,media=cdrom,size=4M
memory: 2048
name: web
net0: virtio=52:54:00:AA:CC:01,bridge=vmbr0,firewall=1,queues=4,tag=20
onboot: 1
ostype: l26
protection: 0
scsi0: local:8101/vm-8101-disk-0.qcow2,discard=on,size=8G
scsi1: local:8101/vm-8101-disk-1.qcow2,size=4G,ssd=1
scsihw: virtio-scsi-single
serial0: socket
smbios1: uuid=00000000-0000-0000-0000-000000000001
sockets: 1
startup: order=3,up=5
tags: prod;web
vga: serial0
vmgenid: 00000000-0000-0000-0000-000000000002
`;

const AS_FULL: Partial<DesiredVm> = {
  agent: true,
  bootOrder: ['scsi0', 'net0'],
  cores: 2,
  cpuType: 'x86-64-v2-AES',
  memoryMiB: 2048,
  nics: [{ slot: 'net0', bridge: 'vmbr0', vlan: 20 }],
  startAtBoot: true,
  osType: 'l26',
  bios: 'seabios',
  protection: false,
  diskGiB: 8,
  disks: [{ slot: 'scsi1', storage: 'local', sizeGiB: 4, ssd: true, backup: true, ioThread: false }],
  serialConsole: true,
  sockets: 1,
  startup: { order: 3, up: 5 },
  tags: ['web', 'Prod', 'WEB'],
  notes: 'first line',
};

const RECORD = record({ nics: ['net0'], disks: ['scsi1'] });

function plan(
  text: string,
  desired: Partial<DesiredVm>,
  { running = false, ...more }: GivenVm & { readonly running?: boolean } = {},
) {
  return askVm(step, { guest: vm(text, { running, nodeRecord: RECORD }), desired, ...more });
}

describe('qm set', () => {
  test.each([false, true])('nothing where the config says what the folder says (running: %s)', (running) => {
    expect(plan(FULL, AS_FULL, { running })).toMatchObject({ changes: [], operations: [], diagnostics: [] });
  });

  test('one call with exactly the keys that differ', () => {
    const answer = plan(FULL, { ...AS_FULL, memoryMiB: 1024, cores: 4, tags: ['x'], notes: 'other' });
    expect(commands(answer)).toEqual([
      `qm set 8101 --memory 1024 --cores 4 --tags x --description 'other\nphoenix: phoenix/8101' ${DIGEST}`,
    ]);
    expect(answer.operations.at(-1)?.changes).toEqual(['memory', 'cores', 'tags', 'description']);
  });

  test('what the folder does not mention is not managed', () => {
    const answer = askVm(step, {
      guest: vm(FULL, { nodeRecord: record() }),
      desired: { agent: true },
    });
    expect(answer).toMatchObject({ changes: [], operations: [] });
  });

  /** Key by key: what it changes, the part of `qm set` it becomes, its effect on a running VM. */
  const KEYS: readonly (readonly [string, Partial<DesiredVm>, string, Effect])[] = [
    ['name', { name: 'renamed' }, '--name renamed', 'live'],
    ['memory', { memoryMiB: 1024 }, '--memory 1024', 'restart'],
    ['cores', { cores: 1 }, '--cores 1', 'restart'],
    ['sockets', { sockets: 2 }, '--sockets 2', 'restart'],
    ['cpu', { cpuType: 'host' }, '--cpu host,flags=+aes', 'restart'],
    ['ostype', { osType: 'other' }, '--ostype other', 'restart'],
    ['machine', { machine: 'q35' }, '--machine q35', 'restart'],
    ['agent', { agent: false }, '--agent 0,fstrim_cloned_disks=1', 'restart'],
    ['boot', { bootOrder: ['net0'] }, '--boot order=net0', 'restart'],
    ['onboot', { startAtBoot: false }, '--onboot 0', 'live'],
    ['startup', { startup: { order: 1 } }, '--startup order=1', 'live'],
    ['tags', { tags: [] }, '--delete tags', 'live'],
    ['protection', { protection: true }, '--protection 1', 'live'],
    ['description', { notes: 'n' }, "--description 'n\nphoenix: phoenix/8101'", 'live'],
    [
      'nic net0',
      { nics: [{ slot: 'net0', bridge: 'vmbr1' }] },
      `--net0 'virtio=<mac of net0>,bridge=vmbr1,firewall=1,queues=4,tag=20'`,
      'interrupts-network',
    ],
    [
      'nic net0',
      { nics: [{ slot: 'net0', rateMBps: 10 }] },
      `--net0 'virtio=<mac of net0>,bridge=vmbr0,firewall=1,queues=4,tag=20,rate=10'`,
      'live',
    ],
    [
      'nic net0',
      { nics: [{ slot: 'net0', model: 'e1000' }] },
      `--net0 'e1000=<mac of net0>,bridge=vmbr0,firewall=1,queues=4,tag=20'`,
      'interrupts-network',
    ],
    [
      'nic net0',
      { nics: [{ slot: 'net0', mac: '52:54:00:aa:cc:09', firewall: false }] },
      '--net0 virtio=52:54:00:AA:CC:09,bridge=vmbr0,firewall=0,queues=4,tag=20',
      'interrupts-network',
    ],
    [
      'nic net1',
      { nics: [{ slot: 'net0' }, { slot: 'net1', bridge: 'vmbr0', mac: '52:54:00:AA:CC:02' }] },
      '--net1 virtio=52:54:00:AA:CC:02,bridge=vmbr0',
      'live',
    ],
    ['nic net0', { nics: [] }, '--delete net0', 'interrupts-network'],
    [
      'disk scsi2',
      {
        disks: [
          ...(AS_FULL.disks ?? []),
          { slot: 'scsi2', storage: 'local-btrfs', sizeGiB: 2, discard: true },
        ],
      },
      '--scsi2 local-btrfs:2,discard=on',
      'live',
    ],
    [
      'disk sata0',
      { disks: [...(AS_FULL.disks ?? []), { slot: 'sata0', storage: 'local', sizeGiB: 2 }] },
      '--sata0 local:2,format=qcow2',
      'restart',
    ],
    [
      'disk scsi1',
      { disks: [{ slot: 'scsi1', storage: 'local', sizeGiB: 4, backup: false }] },
      `--scsi1 '<volume of scsi1>,size=4G,ssd=1,backup=0'`,
      'live',
    ],
    [
      'disk scsi1',
      { disks: [{ slot: 'scsi1', storage: 'local', sizeGiB: 4, cache: 'writeback' }] },
      `--scsi1 '<volume of scsi1>,size=4G,ssd=1,cache=writeback'`,
      'restart',
    ],
    ['disk scsi1', { disks: [] }, '--delete scsi1', 'detaches-volume'],
    [
      'pci device hostpci0',
      { pciDevices: [{ slot: 'hostpci0', source: { mapping: 'gpu' }, pcie: true }] },
      '--hostpci0 mapping=gpu,pcie=1',
      'restart',
    ],
  ];

  test.each(KEYS)('%s with %o', (attribute, desired, option, effect) => {
    const all = { ...AS_FULL, ...desired };
    const [stopped, running] = [plan(FULL, all), plan(FULL, all, { running: true })];
    expect(effects(running)).toEqual({ [attribute]: effect });
    expect(effects(stopped)).toEqual({ [attribute]: effect === 'detaches-volume' ? effect : 'live' });
    const isAllowed = effect === 'live' || effect === 'restart';
    const call = `qm set 8101 ${option} ${DIGEST}`;
    expect(commands(running)).toEqual(isAllowed ? [call] : []);
    expect(commands(stopped)).toEqual(effect === 'detaches-volume' ? [] : [call]);
    expect(commands(plan(FULL, all, { running: true, allow: [effect] }))).toEqual([call]);
  });

  test('serial console: both keys, on and off', () => {
    const bare = FULL.replace(/^(?:serial0|vga): .*\n/gm, '');
    expect(commands(plan(bare, AS_FULL))).toEqual([`qm set 8101 --serial0 socket --vga serial0 ${DIGEST}`]);
    expect(commands(plan(FULL, { ...AS_FULL, serialConsole: false }))).toEqual([
      `qm set 8101 --delete serial0,vga ${DIGEST}`,
    ]);
    expect(plan(bare, { ...AS_FULL, serialConsole: false }).changes).toEqual([]);
  });

  test('OVMF gets a disk of its own, once', () => {
    const desired: Partial<DesiredVm> = { ...AS_FULL, bios: 'ovmf' };
    expect(commands(plan(FULL, desired))).toEqual([
      `qm set 8101 --bios ovmf --efidisk0 local:1,efitype=4m,pre-enrolled-keys=0,format=qcow2 ${DIGEST}`,
    ]);
    const whole = `${FULL}bios: ovmf\nefidisk0: local:8101/vm-8101-disk-2.qcow2,efitype=4m,size=528K\n`;
    expect(plan(whole, desired).changes).toEqual([]);
  });

  test('adoption keeps the notes and adds our line', () => {
    const foreign = `#mine\nname: web\n`;
    const answer = askVm(step, { guest: vm(foreign), adopt: true });
    expect(commands(answer)).toEqual([`qm set 8101 --description 'mine\nphoenix: phoenix/8101' ${DIGEST}`]);
  });

  test('a PCI device by its address, its domain said or not, or by another mapping', () => {
    const text = `${FULL}hostpci0: 01:00.0,pcie=1,rombar=0\n`;
    const device = { slot: 'hostpci0', source: { address: '0000:01:00.0' }, pcie: true, primaryGpu: false };
    expect(plan(text, { ...AS_FULL, pciDevices: [device] }).changes).toEqual([]);
    const mapped = { ...device, source: { mapping: 'gpu' } };
    expect(commands(plan(text, { ...AS_FULL, pciDevices: [mapped] }))).toEqual([
      `qm set 8101 --hostpci0 pcie=1,rombar=0,mapping=gpu,x-vga=0 ${DIGEST}`,
    ]);
    const ours = vm(text, { nodeRecord: record({ ...RECORD, pciDevices: ['hostpci0'] }) });
    expect(commands(askVm(step, { guest: ours, desired: AS_FULL }))).toEqual([
      `qm set 8101 --delete hostpci0 ${DIGEST}`,
    ]);
  });
});

describe('whose is what', () => {
  test("others' disks, NICs and devices stay, and so does what was never recorded", () => {
    const text = `${FULL}hostpci0: 0000:01:00.0\nnet1: virtio=52:54:00:AA:CC:05,bridge=vmbr0\nscsi5: local:8101/vm-8101-disk-5.qcow2,size=1G\n`;
    expect(plan(text, AS_FULL)).toMatchObject({ changes: [], operations: [] });
  });

  test('what is about to be put in is recorded before', () => {
    const desired = {
      ...AS_FULL,
      disks: [...(AS_FULL.disks ?? []), { slot: 'scsi2', storage: 'local', sizeGiB: 1 }],
    };
    const [first, second] = plan(FULL, desired).operations;
    expect(first).toMatchObject({ op: 'write', path: '/etc/pve/priv/phoenix/8101.json' });
    expect(JSON.parse(String(first?.op === 'write' && first.content))).toMatchObject({
      disks: ['scsi1', 'scsi2'],
    });
    expect(second).toMatchObject({ op: 'pve', call: 'qm set', gates: ['storage:local'] });
  });

  test('what is gone leaves the record, and no earlier', () => {
    const gone = FULL.replace(/^scsi1: .*\n/m, '');
    const answer = plan(gone, { ...AS_FULL, disks: [] });
    expect(effects(answer)).toEqual({ record: 'live' });
    expect(effects(plan(FULL, { ...AS_FULL, disks: [] }))).toEqual({ 'disk scsi1': 'detaches-volume' });
  });

  test('the disk that it boots from is never taken away', () => {
    const only = FULL.replace(/^scsi1: .*\n/m, '');
    const guest = vm(only, { nodeRecord: record({ nics: ['net0'], disks: ['scsi0'] }) });
    const answer = askVm(step, { guest, desired: { ...AS_FULL, disks: [] }, allow: ['detaches-volume'] });
    expect(answer).toMatchObject({ changes: [], operations: [] });
  });

  test('the firewall file is written whole, and its flag set on the NICs', () => {
    const bare = FULL.replace(',firewall=1', '');
    const firewall = {
      enabled: true,
      inputPolicy: 'DROP',
      rules: [{ type: 'in', action: 'ACCEPT', port: '22', proto: 'tcp' }],
    } as const;
    const answer = plan(bare, { ...AS_FULL, firewall });
    expect(commands(answer)[0]).toContain(
      "--net0 'virtio=<mac of net0>,bridge=vmbr0,queues=4,tag=20,firewall=1'",
    );
    expect(answer.operations.at(-1)).toMatchObject({
      op: 'write',
      path: '/etc/pve/firewall/8101.fw',
      content: '[OPTIONS]\n\nenable: 1\npolicy_in: DROP\n\n[RULES]\n\nIN ACCEPT -p tcp -dport 22\n',
    });
  });
});

describe('what waits for the next start', () => {
  const waiting = (lines: string): string => `${FULL}\n[PENDING]\n${lines}`;

  test.each([
    ['the wanted value satisfies', 'memory: 4096\n', { memoryMiB: 4096 }, []],
    ['a contradicting value is set anew', 'memory: 1024\n', { memoryMiB: 4096 }, ['--memory 4096']],
    ['one that contradicts what it has is taken back', 'memory: 1024\n', {}, ['--revert memory']],
    ['so is a removal', 'delete: cores,scsi1\n', {}, ['--revert cores,scsi1']],
    ['and a new key', 'machine: q35\n', { machine: 'pc' }, ['--revert machine']],
    ["others' may wait", 'balloon: 256\nscsi7: local:8101/vm-8101-disk-7.qcow2,size=1G\n', {}, []],
    [
      'a NIC that waits satisfies',
      'net1: virtio=52:54:00:AA:CC:02,bridge=vmbr0\n',
      { nics: [{ slot: 'net0' }, { slot: 'net1', bridge: 'vmbr0' }] },
      [],
    ],
    [
      'a NIC that waits with something else is changed from what it will be',
      'net0: e1000=52:54:00:AA:CC:01,bridge=vmbr7\n',
      { nics: [{ slot: 'net0', bridge: 'vmbr9' }] },
      ["--net0 'e1000=<mac of net0>,bridge=vmbr9'"],
    ],
    [
      'a disk with parts that wait',
      'scsi1: local:8101/vm-8101-disk-1.qcow2,cache=none,size=4G\n',
      {},
      ['--revert scsi1'],
    ],
  ])('%s', (_, lines, desired, options) => {
    const answer = plan(
      waiting(lines),
      { ...AS_FULL, ...desired },
      {
        running: true,
        allow: ['interrupts-network'],
      },
    );
    expect(commands(answer)).toEqual(options.map((option) => `qm set 8101 ${option} ${DIGEST}`));
  });
});

describe('sizes', () => {
  test('the first disk and those in slots grow, by one call each, the digest on the first', () => {
    const disks = [{ slot: 'scsi1', storage: 'local', sizeGiB: 6 }];
    for (const running of [true, false]) {
      const answer = plan(FULL, { ...AS_FULL, diskGiB: 16, disks }, { running });
      expect(commands(answer)).toEqual([`qm resize 8101 scsi0 16G ${DIGEST}`, 'qm resize 8101 scsi1 6G']);
      expect(answer.operations.map(({ gates }) => gates)).toEqual([['storage:local'], ['storage:local']]);
      expect(effects(answer)).toEqual({ 'size of scsi0': 'live', 'size of scsi1': 'live' });
    }
  });

  test('a stopped VM gets its options and its size in one go', () => {
    const disks = [{ slot: 'scsi1', storage: 'local', sizeGiB: 6, cache: 'none', discard: true }];
    expect(commands(plan(FULL, { ...AS_FULL, disks }))).toEqual([
      `qm set 8101 --scsi1 '<volume of scsi1>,size=4G,ssd=1,cache=none,discard=on' ${DIGEST}`,
      'qm resize 8101 scsi1 6G',
    ]);
  });

  test('a running VM never gets a size and options of the same disk in one go', () => {
    const disks = [{ slot: 'scsi1', storage: 'local', sizeGiB: 6, discard: true }];
    const answer = plan(FULL, { ...AS_FULL, disks, memoryMiB: 4096 }, { running: true });
    expect(commands(answer)).toEqual([`qm set 8101 --memory 4096 ${DIGEST}`, 'qm resize 8101 scsi1 6G']);
    expect(effects(answer)).toEqual({ memory: 'restart', 'disk scsi1': 'restart', 'size of scsi1': 'live' });
  });

  test('what waits with the size of before is taken back first', () => {
    const text = `${FULL}\n[PENDING]\nscsi1: local:8101/vm-8101-disk-1.qcow2,discard=on,size=4G,ssd=1\n`;
    const disks = [{ slot: 'scsi1', storage: 'local', sizeGiB: 6, discard: true }];
    expect(commands(plan(text, { ...AS_FULL, disks }, { running: true }))).toEqual([
      `qm set 8101 --revert scsi1 ${DIGEST}`,
      'qm resize 8101 scsi1 6G',
    ]);
  });

  test('a resize that was killed: the size is looked up before it is asked for again', () => {
    const [open] = plan(FULL, { ...AS_FULL, diskGiB: 16 }).operations;
    if (!open) throw new Error('no resize');
    expect(commands(plan(FULL, { ...AS_FULL, diskGiB: 16 }, { open: [open] }))).toEqual([
      'qm rescan --vmid 8101',
      'qm resize 8101 scsi0 16G',
    ]);
  });

  test('a smaller one is an error that names what it has', () => {
    const disks = [{ slot: 'scsi1', storage: 'local', sizeGiB: 3 }];
    const answer = plan(FULL, { ...AS_FULL, diskGiB: 4, disks });
    expect(codes(answer)).toEqual(['vm/disk-would-shrink', 'vm/disk-would-shrink']);
    expect(answer.diagnostics[0]?.remedy).toBe('Set its size to at least 8 (GiB).');
  });

  test('the first disk is the one that it boots from, not one of the slots', () => {
    const order = FULL.replace('order=scsi0;net0', 'order=scsi1;scsi0');
    const desired = { ...AS_FULL, bootOrder: ['scsi1', 'scsi0'], diskGiB: 9 };
    expect(commands(plan(order, desired))).toEqual([`qm resize 8101 scsi0 9G ${DIGEST}`]);
  });
});

describe('protection', () => {
  const kept = FULL.replace('protection: 0', 'protection: 1');
  const without = { ...AS_FULL, disks: [] };

  test('a disk that must go from a VM that stays protected is an error', () => {
    const answer = plan(kept, { ...without, protection: true }, { allow: ['detaches-volume'] });
    expect(codes(answer)).toEqual(['vm/protected']);
  });

  test('protection goes first, the disk with the next pass', () => {
    const first = plan(kept, { ...without, protection: false }, { allow: ['detaches-volume'] });
    expect(commands(first)).toEqual([`qm set 8101 --protection 0 ${DIGEST}`]);
    const second = plan(FULL, { ...without, protection: false }, { allow: ['detaches-volume'] });
    expect(commands(second)).toEqual([`qm set 8101 --delete scsi1 ${DIGEST}`]);
  });

  test('a protected VM may get disks, options and sizes', () => {
    const disks = [
      { slot: 'scsi1', storage: 'local', sizeGiB: 5, ssd: false },
      { slot: 'scsi2', storage: 'local', sizeGiB: 1 },
    ];
    const answer = plan(kept, { ...AS_FULL, protection: true, disks });
    expect(answer.diagnostics).toEqual([]);
    expect(commands(answer)).toHaveLength(2);
  });
});

describe('what can not be', () => {
  test.each([
    [
      'a disk in the slot of a CD drive',
      { disks: [{ slot: 'ide2', storage: 'local', sizeGiB: 1 }] },
      'vm/slot-taken',
    ],
    ['an order of boot with what is not there', { bootOrder: ['virtio3'] }, 'vm/boot-device-missing'],
    [
      'a disk elsewhere is only said',
      { disks: [{ slot: 'scsi1', storage: 'local-btrfs', sizeGiB: 4 }] },
      'vm/volume-elsewhere',
    ],
  ])('%s', (_, desired, code) => {
    expect(codes(plan(FULL, { ...AS_FULL, ...desired }))).toEqual([code]);
  });

  test('an order of boot may name what comes with the same call', () => {
    const disks = [...(AS_FULL.disks ?? []), { slot: 'virtio3', storage: 'local-btrfs', sizeGiB: 1 }];
    const answer = plan(FULL, { ...AS_FULL, disks, bootOrder: ['scsi0', 'virtio3'] });
    expect(answer.diagnostics).toEqual([]);
    expect(commands(answer)).toEqual([
      `qm set 8101 --boot 'order=scsi0;virtio3' --virtio3 local-btrfs:1 ${DIGEST}`,
    ]);
  });
});
