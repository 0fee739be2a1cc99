import { expect, test } from 'vitest';
import { PVE_DIALECT } from '../../src/node/index.ts';
import { createMemoryHost, freshWorld, twinNode, worldFromObservation } from '../../src/twin/index.ts';
import { observeWorld } from '../../src/twin/observe.ts';

const UBUNTU = 'ubuntu-24.04-standard_24.04-2_amd64.tar.zst';

test('a twin of an observed node downloads a template that is not there yet, and makes a guest from it', async () => {
  const seen = freshWorld();
  const needs = { paths: [], volumesOf: [] };
  const text = await observeWorld(seen, createMemoryHost(seen), { scope: 'all', needs });
  const node = twinNode({ world: await worldFromObservation(text), dialect: PVE_DIALECT });
  for (const line of [
    `pveam download local ${UBUNTU}`,
    `pct create 8101 local:vztmpl/${UBUNTU} --rootfs local:1`,
  ]) {
    const { rc, stderr } = await node.command(line.split(' '), {});
    expect([line, rc, stderr]).toEqual([line, 0, '']);
  }
});

test('a node whose catalogue is known refuses what it does not offer', async () => {
  const node = twinNode({ world: freshWorld(), dialect: PVE_DIALECT });
  const { rc, stderr } = await node.command(['pveam', 'download', 'local', 'no-such_1_amd64.tar.zst'], {});
  expect(rc).toBe(255);
  expect(stderr).toContain('no such template');
});
