import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshWorld, type World } from '../../src/twin/world.ts';
import { convergeOn, loaded } from './on-twin.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');

function worldOf(name: string): World {
  const text = readFileSync(path.join(EXAMPLES, name, 'world.json'), 'utf8');
  return { ...freshWorld(), ...(JSON.parse(text) as Partial<World>) };
}

describe.each(['quickstart', 'golden', 'homelab-24'])('the example %s on a twin', (name) => {
  test('converges, and a second run does nothing', async () => {
    const folder = await loaded(path.join(EXAMPLES, name));
    const world = worldOf(name);
    const first = await convergeOn(world, folder);
    const odd = first.targets.filter(({ result }) => result !== 'changed');
    expect(odd.map(({ target, result, diagnostics }) => ({ target, result, diagnostics }))).toEqual([]);
    expect(first.exitCode).toBe(0);
    const second = await convergeOn(world, folder);
    expect(second.targets.flatMap(({ operations, changes }) => [...operations, ...changes])).toEqual([]);
    expect(second.exitCode).toBe(0);
  });
});

test('what golden needs starts first when the node boots', async () => {
  const world = worldOf('golden');
  await convergeOn(world, await loaded(path.join(EXAMPLES, 'golden')));
  const startup = (vmid: number) =>
    /^startup: (.*)$/m.exec(world.files[`/etc/pve/nodes/pve/lxc/${vmid}.conf`]?.text ?? '')?.[1];
  expect([900, 911, 912].map(startup)).toEqual([undefined, 'order=2', 'order=1']);
});
