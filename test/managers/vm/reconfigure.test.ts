import { describe, expect, test } from 'vitest';
import { needsOf } from '../../../src/engine/view.ts';
import { vmMachines } from '../../../src/managers/vm/index.ts';
import type { Effect } from '../../../src/model/change.ts';
import type { DesiredVm } from '../../../src/model/desired.ts';
import type { Manager } from '../../../src/model/step.ts';
import { PVE_DIALECT } from '../../../src/node/dialect.ts';
import { createMemoryHost, twinNode, worldFromObservation } from '../../../src/twin/index.ts';
import { machine } from '../../desired-vm.ts';
import { kills } from '../kills.ts';
import { converge, done, lab, problems, type Lab } from '../on-twin.ts';

const BASE = machine(8101, {
  name: 'web',
  image: { file: 'debian-12.qcow2', url: 'https://images.test/d.qcow2', sha256: 'a'.repeat(64) },
  storage: 'local',
  agent: true,
  cores: 1,
  memoryMiB: 1024,
  diskGiB: 4,
  notes: 'mine',
  serialConsole: true,
  nics: [{ slot: 'net0', bridge: 'vmbr0', mac: '52:54:00:AA:CC:01', firewall: true }],
  disks: [{ slot: 'scsi1', storage: 'local', sizeGiB: 1 }],
});

const CONFIG = '/etc/pve/nodes/vm/qemu-server/8101.conf';

/** Settings by key, in force and waiting, as the twin's own file has them. */
function settings({ world }: Lab): {
  readonly now: Record<string, string>;
  readonly later: Record<string, string>;
} {
  const [head = '', waiting = ''] = (world.files[CONFIG]?.text ?? '').split('\n[PENDING]\n');
  const read = (text: string): Record<string, string> =>
    Object.fromEntries(
      (text.split('\n[')[0] ?? '')
        .split('\n')
        .filter((line) => /^[a-z]/.test(line))
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
  return { now: read(head), later: read(waiting) };
}

function labOf(text: string): Lab {
  const world = JSON.parse(text) as Lab['world'];
  return { world, host: createMemoryHost(world) };
}

/** A node on which the VM runs as `desired` says. */
async function running(desired: DesiredVm = BASE): Promise<Lab> {
  const node = lab();
  node.world.bridges.push('vmbr1');
  expect(problems(await converge(node, [desired]))).toEqual([]);
  expect(node.world.guests['8101']?.running).toBeDefined();
  return node;
}

test('from nothing to running with its agent; the second run does nothing', async () => {
  const node = await running();
  expect(settings(node)).toEqual({
    now: expect.objectContaining({
      agent: '1',
      cores: '1',
      memory: '1024',
      name: 'web',
      net0: 'virtio=52:54:00:AA:CC:01,bridge=vmbr0,firewall=1',
      serial0: 'socket',
      vga: 'serial0',
      scsi0: 'local:8101/vm-8101-disk-0.qcow2,discard=on,size=4G',
      scsi1: 'local:8101/vm-8101-disk-1.qcow2,size=1G',
    }),
    later: {},
  });
  expect(await converge(node, [BASE])).toMatchObject({ exitCode: 0, targets: [{ result: 'unchanged' }] });
});

/** A change, what is then in force or waits on the twin, and what it needs. */
type Row = readonly [
  what: string,
  change: Partial<DesiredVm>,
  needs: Effect,
  expected: Record<string, string | undefined>,
];

const NIC = { slot: 'net0', bridge: 'vmbr0' } as const;
const DISK = { slot: 'scsi1', storage: 'local', sizeGiB: 1 } as const;
const SECOND = 'local:8101/vm-8101-disk-1.qcow2';

const ROWS: readonly Row[] = [
  ['memory', { memoryMiB: 2048 }, 'restart', { memory: '2048' }],
  ['cores', { cores: 2 }, 'restart', { cores: '2' }],
  ['cpu', { cpuType: 'x86-64-v2-AES' }, 'restart', { cpu: 'x86-64-v2-AES' }],
  ['machine', { machine: 'q35' }, 'restart', { machine: 'q35' }],
  ['boot', { bootOrder: ['net0', 'scsi0'] }, 'restart', { boot: 'order=net0;scsi0' }],
  ['name', { name: 'renamed' }, 'live', { name: 'renamed' }],
  ['onboot', { startAtBoot: true }, 'live', { onboot: '1' }],
  ['startup', { startup: { order: 2 } }, 'live', { startup: 'order=2' }],
  ['tags', { tags: ['b', 'A'] }, 'live', { tags: 'a;b' }],
  ['protection', { protection: true }, 'live', { protection: '1' }],
  ['serial', { serialConsole: false }, 'restart', { serial0: undefined, vga: undefined }],
  [
    'NIC on another bridge',
    { nics: [{ ...NIC, bridge: 'vmbr1' }] },
    'interrupts-network',
    { net0: 'virtio=52:54:00:AA:CC:01,bridge=vmbr1,firewall=1' },
  ],
  [
    'NIC slower',
    { nics: [{ ...NIC, rateMBps: 5 }] },
    'live',
    { net0: 'virtio=52:54:00:AA:CC:01,bridge=vmbr0,firewall=1,rate=5' },
  ],
  [
    'NIC added',
    { nics: [NIC, { slot: 'net1', bridge: 'vmbr0', mac: '52:54:00:AA:CC:02', model: 'e1000' }] },
    'live',
    { net1: 'e1000=52:54:00:AA:CC:02,bridge=vmbr0' },
  ],
  ['NIC removed', { nics: [] }, 'interrupts-network', { net0: undefined }],
  [
    'disk added',
    { disks: [DISK, { slot: 'virtio1', storage: 'local-btrfs', sizeGiB: 2 }] },
    'live',
    { virtio1: 'local-btrfs:8101/vm-8101-disk-0.raw,size=2G' },
  ],
  [
    'disk added where it must wait',
    { disks: [DISK, { slot: 'sata1', storage: 'local-btrfs', sizeGiB: 2 }] },
    'restart',
    { sata1: 'local-btrfs:8101/vm-8101-disk-0.raw,size=2G' },
  ],
  [
    'disk kept out of backups',
    { disks: [{ ...DISK, backup: false }] },
    'live',
    { scsi1: `${SECOND},backup=0,size=1G` },
  ],
  ['disk as an SSD', { disks: [{ ...DISK, ssd: true }] }, 'restart', { scsi1: `${SECOND},size=1G,ssd=1` }],
  ['disk removed', { disks: [] }, 'detaches-volume', { scsi1: undefined, unused0: SECOND }],
  ['disk grown', { disks: [{ ...DISK, sizeGiB: 3 }] }, 'live', { scsi1: `${SECOND},size=3G` }],
  [
    'disk grown, and its options',
    { disks: [{ ...DISK, sizeGiB: 3, ssd: true }] },
    'restart',
    { scsi1: `${SECOND},size=3G,ssd=1` },
  ],
  [
    'first disk grown',
    { diskGiB: 9 },
    'live',
    { scsi0: 'local:8101/vm-8101-disk-0.qcow2,discard=on,size=9G' },
  ],
  [
    'OVMF',
    { bios: 'ovmf' },
    'restart',
    { bios: 'ovmf', efidisk0: 'local:8101/vm-8101-disk-2.qcow2,efitype=4m,pre-enrolled-keys=0,size=528K' },
  ],
];

describe('a running VM', () => {
  test.each(ROWS)('%s', async (_, change, needs, expected) => {
    const node = await running();
    const wanted = { ...BASE, ...change };
    const startedMs = node.world.guests['8101']?.running?.startedMs;
    const before = settings(node).now;
    const first = await converge(node, [wanted]);
    expect(problems(first)).toEqual([]);
    expect([first?.exitCode, first?.targets[0]?.result]).toEqual(
      needs === 'live' ? [0, 'changed'] : [3, 'left'],
    );
    expect(node.world.guests['8101']?.running?.startedMs).toBe(startedMs);
    if (needs === 'live') expect(settings(node).now).toMatchObject(expected);
    if (needs === 'interrupts-network' || needs === 'detaches-volume')
      expect(settings(node).now).toEqual(before);
    if (needs === 'restart') await expectWaiting(node, wanted, expected);
    const second = await converge(node, [wanted], { allow: [needs] });
    expect([problems(second), second?.exitCode]).toEqual([[], 0]);
    const { now, later } = settings(node);
    expect(later).toEqual({});
    for (const [key, value] of Object.entries(expected)) expect([key, now[key]]).toEqual([key, value]);
    const isRestarted = node.world.guests['8101']?.running?.startedMs !== startedMs;
    expect([isRestarted, node.world.guests['8101']?.running !== undefined]).toEqual([
      needs === 'restart',
      true,
    ]);
    expect(await converge(node, [wanted])).toMatchObject({ exitCode: 0, targets: [{ result: 'unchanged' }] });
  });

  /** What waits is there, is not asked for again, and is told of. */
  async function expectWaiting(node: Lab, wanted: DesiredVm, expected: Record<string, string | undefined>) {
    const { later } = settings(node);
    const deleted = (later['delete'] ?? '').split(',');
    for (const [key, value] of Object.entries(expected)) {
      if (value === undefined) expect(deleted).toContain(key);
      else expect([key, later[key]]).toEqual([key, value]);
    }
    const again = await converge(node, [wanted]);
    expect([again?.exitCode, done(again)]).toEqual([3, []]);
    expect(again?.targets[0]?.left.map(({ effect }) => effect)).toEqual(['restart']);
  }

  test('several of them: one call, one restart', async () => {
    const node = await running();
    const wanted = { ...BASE, memoryMiB: 2048, cores: 2, serialConsole: false, tags: ['x'] };
    const result = await converge(node, [wanted], { allow: ['restart'] });
    expect(done(result)).toEqual([
      expect.stringMatching(/^qm set 8101 --memory 2048 --cores 2 --tags x --delete serial0,vga --digest /),
      'qm shutdown 8101 --timeout 180',
      'qm start 8101',
    ]);
  });

  test('everything at once, from a protected VM with something else waiting, settles in one run', async () => {
    const third = { slot: 'scsi2', storage: 'local-btrfs', sizeGiB: 1 };
    const node = await running({ ...BASE, protection: true, disks: [DISK, third] });
    const file = node.world.files[CONFIG];
    const waiting = `scsi1: ${SECOND},cache=none,discard=on,size=1G\nmemory: 4096\ncores: 4\n`;
    if (file) file.text = `${file.text}\n[PENDING]\n${waiting}`;
    const wanted: DesiredVm = {
      ...BASE,
      protection: false,
      cores: 2,
      diskGiB: 8,
      disks: [{ ...DISK, sizeGiB: 2, ssd: true }],
      nics: [{ ...NIC, bridge: 'vmbr1' }],
      tags: ['x'],
    };
    const allow = ['restart', 'interrupts-network', 'detaches-volume'] as const;
    const result = await converge(node, [wanted], { allow });
    expect([problems(result), result?.exitCode]).toEqual([[], 0]);
    expect(settings(node)).toEqual({
      now: expect.objectContaining({
        cores: '2',
        memory: '1024',
        protection: '0',
        scsi0: 'local:8101/vm-8101-disk-0.qcow2,discard=on,size=8G',
        scsi1: `${SECOND},size=2G,ssd=1`,
        unused0: 'local-btrfs:8101/vm-8101-disk-0.raw',
        net0: 'virtio=52:54:00:AA:CC:01,bridge=vmbr1,firewall=1',
      }),
      later: {},
    });
    expect(settings(node).now).not.toHaveProperty('scsi2');
    expect(await converge(node, [wanted])).toMatchObject({ targets: [{ result: 'unchanged' }] });
  });

  test('what somebody else made wait is neither taken back nor asked a restart for', async () => {
    const node = await running();
    const file = node.world.files[CONFIG];
    if (file) file.text = `${file.text}\n[PENDING]\nballoon: 512\n`;
    expect(await converge(node, [BASE])).toMatchObject({ exitCode: 0, targets: [{ result: 'unchanged' }] });
    expect(settings(node).later).toEqual({ balloon: '512' });
  });
});

describe('what a plan says of a running VM is what becomes of it, whatever it lets be plugged', () => {
  test.each(['0', '1', 'network', 'disk,usb', 'network,disk,memory,cpu'])('hotplug: %s', async (hotplug) => {
    const prepared = await running();
    const file = prepared.world.files[CONFIG];
    if (file) file.text = (file.text ?? '').replace(/^memory: /m, `hotplug: ${hotplug}\nmemory: `);
    const world = JSON.stringify(prepared.world);
    for (const [what, change, , expected] of ROWS) {
      const node = labOf(world);
      const allow = ['interrupts-network', 'detaches-volume'] as const;
      const result = await converge(node, [{ ...BASE, ...change }], { allow });
      expect([what, problems(result)]).toEqual([what, []]);
      const { later } = settings(node);
      const waiting = new Set([...Object.keys(later), ...(later['delete'] ?? '').split(',')]);
      const waits = Object.keys(expected).some((key) => waiting.has(key));
      const effects = (result?.targets[0]?.changes ?? [])
        .filter(({ step }) => step === 'apply_vm_configurations')
        .map(({ effect }) => effect);
      // A volume is let go at once or with the next start, and needs the same consent.
      if (!effects.includes('detaches-volume')) {
        expect([what, effects.includes('restart')]).toEqual([what, waits]);
      }
      expect([what, result?.exitCode]).toEqual([what, waits ? 3 : 0]);
    }
  });
});

describe('a plan of one observation runs the operations that the run does', () => {
  test.each(['live only', 'all allowed'])('%s', async (consent) => {
    const world = JSON.stringify((await running()).world);
    const allow: readonly Effect[] =
      consent === 'live only' ? [] : ['restart', 'interrupts-network', 'detaches-volume'];
    for (const isRunning of [true, false]) {
      for (const [what, change] of [...ROWS, ['nothing', {}] as const]) {
        const node = labOf(world);
        if (!isRunning) delete node.world.guests['8101']?.running;
        const wanted = { ...BASE, ...change };
        const plan = await converge(await modelOf(node, wanted), [wanted], { allow });
        const result = await converge(node, [wanted], { allow });
        const [planned, ran] = [plan?.targets[0], result?.targets[0]];
        expect([what, planned?.operations]).toEqual([what, ran?.operations]);
        expect([what, planned?.changes]).toEqual([what, ran?.changes]);
        expect([what, planned?.left]).toEqual([what, ran?.left]);
      }
    }
  });

  test('from nothing', async () => {
    const node = lab();
    const plan = await converge(await modelOf(node, BASE), [BASE]);
    const result = await converge(node, [BASE]);
    expect(plan?.targets[0]?.operations).toEqual(result?.targets[0]?.operations);
  });

  /** The node as one observation tells of it. */
  async function modelOf({ world, host }: Lab, desired: DesiredVm): Promise<Lab> {
    const node = twinNode({ world, host, dialect: PVE_DIALECT });
    const target = { target: 8101, title: 'web', desired, after: [] };
    const { text } = await node.observe(
      'all',
      needsOf([{ ...target, manager: vmMachines.converge as Manager<never> }]),
    );
    const model = await worldFromObservation(text);
    return { world: model, host: createMemoryHost(model) };
  }
});

describe('a stopped VM', () => {
  test.each(ROWS.filter(([, , needs]) => needs !== 'detaches-volume'))(
    '%s',
    async (_, change, _needs, expected) => {
      const node = await running();
      delete node.world.guests['8101']?.running;
      const wanted = { ...BASE, ...change };
      const result = await converge(node, [wanted]);
      expect([problems(result), result?.exitCode]).toEqual([[], 0]);
      const { now, later } = settings(node);
      for (const [key, value] of Object.entries(expected)) expect([key, now[key]]).toEqual([key, value]);
      expect(later).toEqual({});
      expect(done(result).at(-1)).toBe('qm start 8101');
    },
  );
});

test('a disk that would shrink: nothing is touched', async () => {
  const node = await running();
  const before = node.world.files[CONFIG]?.text;
  const result = await converge(node, [{ ...BASE, diskGiB: 2, memoryMiB: 4096 }]);
  expect(problems(result)[0]).toContain('vm/disk-would-shrink');
  expect([done(result), node.world.files[CONFIG]?.text]).toEqual([[], before]);
});

const RICH: DesiredVm = {
  ...BASE,
  memoryMiB: 2048,
  cores: 2,
  diskGiB: 6,
  tags: ['x'],
  firewall: { enabled: true, rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '22' }] },
  nics: [NIC, { slot: 'net1', bridge: 'vmbr1' }],
  disks: [
    { ...DISK, sizeGiB: 2, ssd: true },
    { slot: 'scsi2', storage: 'local-btrfs', sizeGiB: 1 },
  ],
};

describe('Phoenix killed at any operation of a change', () => {
  test.each(kills([1, 4, 8, 12, 16]))(
    '%s: the next plain run reaches the same state',
    { timeout: 120_000 },
    async (_, fault) => {
      const whole = await running();
      await converge(whole, [RICH], { allow: ['restart'] });
      let count = 0;
      await converge(await running(), [RICH], {
        allow: ['restart'],
        faults: () => {
          count += 1;
          return undefined;
        },
      });
      expect(count).toBeGreaterThan(7);
      for (let struck = 0; struck < count; struck += 1) {
        const node = await running();
        const faults = (_operation: unknown, index: number) => (index === struck ? fault : undefined);
        await converge(node, [RICH], { allow: ['restart'], faults });
        const again = await converge(node, [RICH], { allow: ['restart'] });
        const at = `operation ${struck}`;
        expect([at, problems(again), again?.exitCode]).toEqual([at, [], 0]);
        expect([at, withoutNames(settings(node))]).toEqual([at, withoutNames(settings(whole))]);
        expect([at, done(await converge(node, [RICH]))]).toEqual([at, []]);
      }
    },
  );
});

/** Which number a volume has depends on what was made before it. */
function withoutNames(found: object): object {
  return JSON.parse(JSON.stringify(found).replaceAll(/-disk-\d+/g, '-disk-N')) as object;
}
