import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { World } from '../../src/twin/world.ts';
import { convergeOn, loaded } from './on-twin.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');

describe.each(['quickstart', 'golden', 'homelab-24'])('the example %s on a twin', (name) => {
  test('converges, and a second run does nothing', async () => {
    const folder = await loaded(path.join(EXAMPLES, name));
    const world = JSON.parse(readFileSync(path.join(EXAMPLES, name, 'world.json'), 'utf8')) as World;
    const first = await convergeOn(world, folder);
    const odd = first.targets.filter(({ result }) => result !== 'changed');
    expect(odd.map(({ target, result, diagnostics }) => ({ target, result, diagnostics }))).toEqual([]);
    expect(first.exitCode).toBe(0);
    const second = await convergeOn(world, folder);
    expect(second.targets.flatMap(({ operations, changes }) => [...operations, ...changes])).toEqual([]);
    expect(second.exitCode).toBe(0);
  });
});
