import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fault, Faults } from '../../src/twin/index.ts';
import { machine } from '../desired-vm.ts';
import { countOperations, kills } from './kills.ts';
import { converge, done, lab, problems, stateOf, type Lab } from './on-twin.ts';

const IMAGE = {
  file: 'debian-12.qcow2',
  url: 'https://images.test/debian-12.qcow2',
  sha256: 'a'.repeat(64),
} as const;

const GOLDEN = machine(9000, {
  name: 'golden',
  image: IMAGE,
  storage: 'local',
  memoryMiB: 1024,
  agent: true,
  isTemplate: true,
  nics: [{ slot: 'net0', bridge: 'vmbr0' }],
});

const LINKED = machine(9001, {
  name: 'web',
  cloneFrom: { vmid: 9000 },
  agent: true,
  nics: [{ slot: 'net0', bridge: 'vmbr0' }],
});

/** Golden by a snapshot: what clones start from is not how it is now. */
const SNAPSHOT = machine(9010, {
  name: 'frozen',
  image: IMAGE,
  storage: 'local',
  agent: true,
  templateSnapshotName: 'ready',
  nics: [{ slot: 'net0', bridge: 'vmbr0' }],
});

const FULL = machine(9011, {
  name: 'thawed',
  cloneFrom: { vmid: 9010, snapshot: 'ready' },
  agent: true,
  nics: [{ slot: 'net0', bridge: 'vmbr0' }],
});

const ALL = [GOLDEN, LINKED, SNAPSHOT, FULL];

const disks = (node: Lab, vmid: number): readonly string[] =>
  Object.keys(node.world.volumes['local']?.[vmid] ?? {}).toSorted();

/** A guest's files, whatever the order of their lines. */
function linesOf(node: Lab, vmid: number): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(stateOf(node, vmid)).map(([path, text]) => [path, text.split('\n').toSorted()]),
  );
}

/** Where the node itself keeps its facts is no guest. */
const otherGuests = (node: Lab): readonly string[] =>
  Object.keys(node.world.guests).filter((id) => id !== '0');

/** A node none of whose storages takes images to import. */
function withoutImports({ world }: Lab): void {
  const file = world.files['/etc/pve/storage.cfg'];
  if (file) file.text = file.text?.replace('import,', '') ?? '';
}

describe('from nothing', () => {
  test('to a template, a golden VM and a clone of each; the second run does nothing', async () => {
    const node = lab();
    const first = await converge(node, ALL);
    expect(problems(first)).toEqual([]);
    expect(first?.targets.map(({ result }) => result)).toEqual(['changed', 'changed', 'changed', 'changed']);
    expect(node.world.files['/var/lib/vz/import/debian-12.qcow2']?.type).toBe('file');
    expect(disks(node, 9000)).toEqual(['9000/base-9000-disk-0.qcow2']);
    expect(disks(node, 9001)).toEqual(['9000/base-9000-disk-0.qcow2/9001/vm-9001-disk-0.qcow2']);
    const config = (vmid: number): string =>
      node.world.files[`/etc/pve/nodes/vm/qemu-server/${vmid}.conf`]?.text ?? '';
    expect(config(9000)).toContain('\ntemplate: 1\n');
    expect(config(9001)).toContain('scsi0: local:9000/base-9000-disk-0.qcow2/9001/vm-9001-disk-0.qcow2,');
    expect(config(9010)).toContain('[ready]');
    expect(config(9011)).toContain('scsi0: local:9011/vm-9011-disk-0.qcow2,');
    expect(config(9011)).not.toContain('[ready]');
    for (const { vmid } of ALL) {
      expect(config(vmid)).toContain(`#phoenix%3A phoenix/${vmid}\n`);
      expect(config(vmid)).not.toContain('lock:');
    }
    const second = await converge(node, ALL);
    expect(second?.targets.map(({ result, operations }) => [result, operations])).toEqual(
      ALL.map(() => ['unchanged', []]),
    );
    expect([9000, 9010].map((vmid) => node.world.guests[vmid]?.running)).toEqual([undefined, undefined]);
  });

  test('an image that is there is used as it is, wherever it is', async () => {
    for (const path of ['/var/lib/vz/import/debian-12.qcow2', '/var/lib/phoenix/images/debian-12.qcow2']) {
      const node = lab();
      await node.host.files.makeDirectory(dirname(path));
      await node.host.files.write(path, 'an image');
      if (path.startsWith('/var/lib/phoenix')) withoutImports(node);
      const result = await converge(node, [GOLDEN]);
      expect(problems(result)).toEqual([]);
      expect(done(result)[0]).toMatch(new RegExp(`^qm create 9000 .*import-from=${path},`));
    }
  });

  test("delete leaves nothing but the image, others' guests included", async () => {
    const node = lab();
    const before = otherGuests(node);
    await converge(node, ALL);
    const gone = await converge(node, [FULL, SNAPSHOT, LINKED, GOLDEN], {
      machine: 'delete',
      verb: 'delete',
    });
    expect(problems(gone)).toEqual([]);
    for (const { vmid } of ALL) {
      expect(stateOf(node, vmid)).toEqual({});
      expect(disks(node, vmid)).toEqual([]);
    }
    expect(otherGuests(node)).toEqual(before);
  });
});

describe('Phoenix killed at any operation', () => {
  test.each(kills([1, 6, 12, 18]))(
    '%s: the next plain run reaches the same state',
    { timeout: 120_000 },
    async (_, fault) => {
      const whole = lab();
      await converge(whole, ALL);
      const count = await countOperations(ALL);
      expect(count).toBeGreaterThan(10);
      for (let struck = 0; struck < count; struck += 1) {
        const node = lab();
        await converge(node, ALL, { faults: (_operation, index) => (index === struck ? fault : undefined) });
        const again = await converge(node, ALL);
        const at = `operation ${struck}`;
        expect([at, problems(again), again?.exitCode]).toEqual([at, [], 0]);
        for (const { vmid } of ALL) {
          expect([at, linesOf(node, vmid)]).toEqual([at, linesOf(whole, vmid)]);
          expect([at, disks(node, vmid).length]).toEqual([at, disks(whole, vmid).length]);
        }
        expect([at, done(await converge(node, ALL))]).toEqual([at, []]);
      }
    },
  );
});

describe('Phoenix killed while it deletes', () => {
  const WEB = [machine(9020, { name: 'web', image: IMAGE, storage: 'local' })];
  const config = (node: Lab): string | undefined =>
    node.world.files['/etc/pve/nodes/vm/qemu-server/9020.conf']?.text;

  async function struck(at: number, fault: Fault): Promise<Lab> {
    const node = lab();
    await converge(node, WEB);
    const faults: Faults = (_operation, index) => (index === at ? fault : undefined);
    await converge(node, WEB, { machine: 'delete', verb: 'delete', faults });
    return node;
  }

  test.each(kills([2, 4, 6, 8, 10, 12, 14]))('%s: the next delete leaves nothing', async (_, fault) => {
    for (const at of [0, 1, 2]) {
      const node = await struck(at, fault);
      const again = await converge(node, WEB, { machine: 'delete', verb: 'delete' });
      expect([at, problems(again), again?.exitCode]).toEqual([at, [], 0]);
      expect([at, disks(node, 9020), config(node)]).toEqual([at, [], undefined]);
    }
  });

  test.each(kills([2, 4, 6, 8, 10, 12, 14]))(
    '%s: a create instead makes it whole, or says that the delete is half done',
    async (_, fault) => {
      for (const at of [0, 1, 2]) {
        const node = await struck(at, fault);
        const again = await converge(node, WEB, { verb: 'create' });
        const [problem] = problems(again);
        if (problem !== undefined) {
          expect([at, problem]).toEqual([at, expect.stringContaining('vm/half-deleted|')]);
          await converge(node, WEB, { machine: 'delete', verb: 'delete' });
          expect(problems(await converge(node, WEB, { verb: 'create' }))).toEqual([]);
        }
        expect([at, disks(node, 9020), config(node)]).toEqual([
          at,
          ['9020/vm-9020-disk-0.qcow2'],
          expect.stringContaining('\nname: web\n'),
        ]);
      }
    },
  );
});
