import { expect, test } from 'vitest';
import type { Operation, WaitFor } from '../../src/model/operation.ts';
import { PVE_DIALECT } from '../../src/node/index.ts';
import { freshWorld, twinNode, type TwinNode, type World } from '../../src/twin/index.ts';
import type { VolumeContent, WorldCloudInit } from '../../src/twin/world.ts';

const COMMON = { target: 8201, step: 'test', changes: [], gates: [] } as const;

function call(name: string, params: Record<string, string | number> = {}): Operation {
  return { ...COMMON, op: 'pve', call: name, vmid: 8201, params };
}

function wait(what: WaitFor, timeoutMs = 60_000): Operation {
  return { ...COMMON, op: 'wait', in: 8201, for: what, timeoutMs };
}

const WRITE: Operation = { ...COMMON, op: 'write', in: 8201, path: '/x', content: 'x' };
const EXEC: Operation = { ...COMMON, op: 'exec', in: 8201, argv: ['true'], timeoutMs: 1000 };

/** A VM that runs, with this on its disk. */
async function running(
  inside: Partial<VolumeContent>,
  agent: string | undefined = '1',
): Promise<{ node: TwinNode; world: World }> {
  const world = freshWorld();
  const node = twinNode({ world, dialect: PVE_DIALECT });
  await node.run(call('qm create', { scsi0: 'local:1', ...(agent !== undefined && { agent }) }), {});
  const volume = world.volumes['local']?.['8201']?.['8201/vm-8201-disk-0.raw'];
  if (!volume) throw new Error('no disk');
  volume.content = { files: {}, facts: [], ...inside };
  expect(await node.run(call('qm start'), {})).toMatchObject({ kind: 'done' });
  return { node, world };
}

test.each([
  ['answers in time', {}, undefined, 'done', undefined, 25],
  ['comes late', { agent: { isInstalled: true, startsAfterMs: 50_000 } }, undefined, 'done', undefined, 55],
  ['is absent', { agent: { isInstalled: false } }, undefined, 'lost', 'guest/agent-not-answering', 65],
  [
    'comes too late',
    { agent: { isInstalled: true, startsAfterMs: 90_000 } },
    undefined,
    'lost',
    'guest/agent-not-answering',
    65,
  ],
  ['has no channel', {}, 'none', 'refused', 'guest/agent-not-configured', 1],
])('an agent that %s', async (_, inside, agent, kind, code, withinSeconds) => {
  const { node, world } = await running(inside);
  if (agent === 'none') {
    const path = '/etc/pve/nodes/vm/qemu-server/8201.conf';
    const file = world.files[path];
    if (file) file.text = (file.text ?? '').replace(/^agent: .*\n/m, '');
  }
  const before = world.clock;
  const outcome = await node.run(wait('agent'), {});
  expect([outcome.kind, outcome.diagnostic?.code]).toEqual([kind, code]);
  expect((world.clock - before) / 1000).toBeLessThanOrEqual(withinSeconds);
});

test.each<[string, WorldCloudInit, string, string | undefined]>([
  ['is done', {}, 'done', undefined],
  ['is degraded', { ends: 'degraded', errors: ['no fqdn'] }, 'done', 'guest/cloud-init-degraded'],
  ['fails', { ends: 'error', errors: ['runcmd'] }, 'refused', 'guest/cloud-init-failed'],
  ['takes too long', { endsAfterMs: 900_000 }, 'lost', 'guest/cloud-init-late'],
])('a Cloud-Init that %s', async (_, cloudInit, kind, code) => {
  const { node } = await running({ cloudInit });
  await node.run(wait('agent'), {});
  const outcome = await node.run(wait('cloud-init'), {});
  expect([outcome.kind, outcome.diagnostic?.code]).toEqual([kind, code]);
  if (cloudInit.errors) expect(outcome.diagnostic?.detail).toBe(cloudInit.errors.join('\n'));
});

test('a system without Cloud-Init has nothing to wait for', async () => {
  const { node } = await running({ missing: ['cloud-init'] });
  await node.run(wait('agent'), {});
  expect(await node.run(wait('cloud-init'), {})).toMatchObject({ kind: 'done' });
});

test('an agent that dies half-way lets nobody in any more, and a reset brings it back', async () => {
  const { node, world } = await running({ agent: { isInstalled: true, answersLeft: 3 } });
  expect(await node.run(wait('agent'), {})).toMatchObject({ kind: 'done' });
  expect(await node.run(EXEC, {})).toMatchObject({ kind: 'done' });
  expect(await node.run(WRITE, {})).toMatchObject({ kind: 'done' });
  expect(await node.run(EXEC, {})).toMatchObject({
    kind: 'refused',
    diagnostic: { code: 'pve/agent-not-answering' },
  });
  expect(await node.run(WRITE, {})).toMatchObject({ kind: 'refused' });
  expect(await node.run(wait('cloud-init', 30_000), {})).toMatchObject({
    kind: 'lost',
    diagnostic: { code: 'guest/agent-not-answering' },
  });
  expect(world.volumes['local']?.['8201']?.['8201/vm-8201-disk-0.raw']?.content?.files).toEqual({
    '/x': 'x',
  });
  await node.run(call('qm reset'), {});
  expect(await node.run(wait('agent'), {})).toMatchObject({ kind: 'done' });
});

test('a VM that stops while it is waited for is not waited for any longer', async () => {
  const { node, world } = await running({ agent: { isInstalled: false } });
  const waited = node.run(wait('agent', 600_000), {});
  await node.run(call('qm stop'), {});
  expect(await waited).toMatchObject({ kind: 'refused', diagnostic: { code: 'guest/stopped-meanwhile' } });
  expect(world.guests['8201']?.running).toBeUndefined();
});
