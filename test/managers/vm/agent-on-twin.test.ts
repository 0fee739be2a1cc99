import { describe, expect, test } from 'vitest';
import type { DesiredVm } from '../../../src/model/desired.ts';
import type { VolumeContent, WorldAgent, WorldCloudInit } from '../../../src/twin/world.ts';
import { cloudInit, machine } from '../../desired-vm.ts';
import { feature } from '../../guest/given.ts';
import { converge, lab, problems, type Lab } from '../on-twin.ts';

const IMAGE = { file: 'debian-12.qcow2', url: 'https://images.test/d.qcow2', sha256: 'a'.repeat(64) };
const BASE = machine(8101, {
  name: 'web',
  image: IMAGE,
  storage: 'local',
  agent: true,
  features: [feature('docker')],
  cloudInit: cloudInit(),
});
const PATH = '/var/lib/vz/import/debian-12.qcow2';

/** A node that has the image, with this in it. */
function nodeWith(content: Partial<VolumeContent>): Lab {
  const node = lab();
  const image = { format: 'qcow2', sizeBytes: 3 * 1024 ** 3, content: { files: {}, facts: [], ...content } };
  node.world.files[PATH] = { type: 'file', size: 1, image };
  return node;
}

function codesOf(result: Awaited<ReturnType<typeof converge>>): readonly string[] {
  return (result?.targets ?? []).flatMap(({ diagnostics }) =>
    diagnostics.filter(({ severity }) => severity !== 'notice').map(({ code }) => code),
  );
}

function inside({ world }: Lab): VolumeContent | undefined {
  return world.volumes['local']?.['8101']?.['8101/vm-8101-disk-0.qcow2']?.content;
}

const feature1 = 'feature:docker@docker-digest-1';

test('features are applied once the agent answers and Cloud-Init is done; the second run does nothing', async () => {
  const node = nodeWith({ agent: { isInstalled: true, startsAfterMs: 300_000 } });
  const first = await converge(node, [BASE]);
  expect([problems(first), codesOf(first)]).toEqual([[], []]);
  expect(inside(node)?.facts).toContain(feature1);
  expect(inside(node)?.files['/var/lib/phoenix/record.json']).toContain('docker-digest-1');
  const second = await converge(node, [BASE]);
  expect(second).toMatchObject({
    exitCode: 0,
    targets: [{ result: 'unchanged', operations: [], checks: [] }],
  });
});

test.each<[string, WorldAgent, string, string]>([
  ['absent', { isInstalled: false }, 'guest/agent-not-answering', 'none answered within 600 s'],
  [
    'later than anyone waits',
    { isInstalled: true, startsAfterMs: 900_000 },
    'guest/agent-not-answering',
    'none answered',
  ],
  ['dying half-way', { isInstalled: true, answersLeft: 1 }, 'guest/agent-not-answering', 'It did before'],
])('an agent that is %s: the run says so and goes no further', async (_, agent, code, said) => {
  const node = nodeWith({ agent });
  const result = await converge(node, [BASE]);
  expect(codesOf(result)).toEqual([code]);
  expect(problems(result)[0]).toContain(said);
  expect(inside(node)?.facts).toEqual([]);
  expect(node.world.guests['8101']?.running).toBeDefined();
});

test('an agent that dies at any of its answers: after a reset the next run finishes', async () => {
  const seen = new Set<string>();
  for (let answersLeft = 1; answersLeft < 14; answersLeft += 1) {
    const node = nodeWith({ agent: { isInstalled: true, answersLeft }, cloudInit: { endsAfterMs: 0 } });
    for (const code of codesOf(await converge(node, [BASE]))) seen.add(code);
    const system = inside(node);
    if (system) system.agent = { isInstalled: true };
    await node.host.machines?.reset(8101);
    expect([answersLeft, problems(await converge(node, [BASE]))]).toEqual([answersLeft, []]);
    expect(inside(node)?.facts).toContain(feature1);
  }
  expect([...seen].toSorted()).toEqual([
    'guest/agent-not-answering',
    'guest/check-lost',
    'pve/agent-not-answering',
  ]);
});

test.each<[string, WorldCloudInit, number, readonly string[]]>([
  [
    'with errors that it got over',
    { ends: 'degraded', errors: ['no fqdn'] },
    0,
    ['guest/cloud-init-degraded'],
  ],
  ['with an error', { ends: 'error', errors: ['runcmd failed'] }, 1, ['guest/cloud-init-failed']],
  ['never', { endsAfterMs: 3_600_000 }, 1, ['guest/cloud-init-late']],
])('a Cloud-Init that ends %s', async (_, said, exitCode, codes) => {
  const node = nodeWith({ cloudInit: said });
  const result = await converge(node, [BASE]);
  expect([result?.exitCode, codesOf(result)]).toEqual([exitCode, codes]);
  expect(inside(node)?.facts.includes(feature1)).toBe(exitCode === 0);
  const told = result?.targets[0]?.diagnostics.find(({ code }) => code === codes[0]);
  for (const error of said.errors ?? []) expect(told?.detail).toContain(error);
});

describe('no agent is needed', () => {
  const bare: DesiredVm = { ...BASE, features: [], agent: false };

  test('where nothing is done inside', async () => {
    const node = nodeWith({ agent: { isInstalled: false } });
    const before = node.world.clock;
    const result = await converge(node, [bare]);
    expect([problems(result), result?.exitCode]).toEqual([[], 0]);
    expect(node.world.clock - before).toBeLessThan(120_000);
  });

  test('and where something is to be, it is refused before anything is touched', async () => {
    const node = nodeWith({});
    const result = await converge(node, [{ ...bare, features: [feature('docker')] }]);
    expect(codesOf(result)).toEqual(['vm/needs-agent']);
    expect(result?.targets[0]?.operations).toEqual([]);
    expect(node.world.files['/etc/pve/nodes/vm/qemu-server/8101.conf']).toBeUndefined();
  });
});

test('a disk grows while the VM runs, and its filesystem with it, once', async () => {
  const node = nodeWith({});
  await converge(node, [BASE]);
  const wanted = { ...BASE, diskGiB: 8 };
  const result = await converge(node, [wanted]);
  expect(problems(result)).toEqual([]);
  expect(result?.targets[0]?.operations.map((one) => (one.op === 'pve' ? one.call : one.op))).toEqual([
    'qm resize',
    'exec',
  ]);
  expect(await converge(node, [wanted])).toMatchObject({ targets: [{ result: 'unchanged' }] });
});
