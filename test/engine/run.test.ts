import { expect, test } from 'vitest';
import { run } from '../../src/engine/run.ts';
import { targetOf } from './toys.ts';
import { createWorld, requestOf } from './world.ts';

test('brings a guest to what is desired, and a second run does nothing', async () => {
  const world = createWorld({ 101: { memory: '512' } });
  const web = targetOf({ vmid: 101, keys: { memory: '1024', cores: '2' }, features: ['docker'] });

  const first = await run(requestOf(world, [web]));

  expect(first.exitCode).toBe(0);
  expect(Object.fromEntries(world.guests.get(101) ?? [])).toEqual({ memory: '1024', cores: '2' });
  const [outcome] = first.targets;
  expect(outcome?.result).toBe('changed');
  expect(outcome?.changes.map(({ attribute, before, after }) => [attribute, before, after])).toEqual([
    ['memory', '512', '1024'],
    ['cores', undefined, '2'],
    ['feature docker', undefined, 'installed'],
  ]);
  expect(outcome?.operations.map(({ op }) => op)).toEqual(['pve', 'exec']);
  expect(outcome?.checks).toHaveLength(1);
  expect(world.observations).toHaveLength(3);
  expect(world.journal.map(({ entry }) => entry)).toEqual(['run', 'begin', 'end', 'begin', 'end', 'finish']);
  expect(world.finished).toEqual([[]]);
  expect(world.locked).toBe(false);

  const again = createWorld();
  for (const [vmid, keys] of world.guests) again.guests.set(vmid, keys);
  for (const fact of world.facts) again.facts.add(fact);
  const second = await run(requestOf(again, [web]));

  expect(second.targets[0]).toMatchObject({ result: 'unchanged', changes: [], operations: [] });
  expect(again.observations).toHaveLength(1);
  expect(again.journal).toEqual([]);
  expect(again.finished).toEqual([]);
});
