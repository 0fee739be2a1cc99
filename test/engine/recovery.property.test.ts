import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../../src/engine/run.ts';
import { factOf, targetOf } from './toys.ts';
import { BUSY, createWorld, type Fault, LOST, refused, requestOf, type World } from './world.ts';

const key = fc.constantFrom('a', 'b', 'c');
const toys = fc.array(
  fc.record({
    found: fc.dictionary(key, fc.constantFrom('1', '2')),
    keys: fc.dictionary(key, fc.constantFrom('1', '2')),
    features: fc.subarray(['x', 'y']),
    after: fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 5 },
);
const faults: fc.Arbitrary<Fault> = fc.record({
  outcome: fc.constantFrom(refused('no'), LOST, BUSY),
  does: fc.boolean(),
});

test('a fault at any operation and a plain run after it reach what is desired; a third run does nothing', async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(toys, fc.nat({ max: 12 }), faults, async (rows, faultAt, fault) => {
      const world = createWorld(Object.fromEntries(rows.map(({ found }, index) => [100 + index, found])));
      world.guests.set(999, new Map([['foreign', 'yes']]));
      const targets = rows.map(({ keys, features, after }, index) =>
        targetOf(
          { vmid: 100 + index, keys, features },
          { after: after.map((back) => 100 + index - 1 - back).filter((vmid) => vmid >= 100) },
        ),
      );
      world.fault = (operation, nth) => {
        if (nth !== faultAt || operation.op === 'check') return undefined;
        kinds.add(`${fault.outcome.kind} ${String(fault.does)} ${operation.op}`);
        return fault;
      };
      await run(requestOf(world, targets));
      delete world.fault;
      world.openEntries = world.finished.at(-1) ?? [];

      const second = await run(requestOf(world, targets));
      expect(second.exitCode).toBe(0);
      expectReached(world, rows);

      const before = world.journal.length;
      const third = await run(requestOf(world, targets));
      expect(third.targets.map(({ result }) => result)).toEqual(rows.map(() => 'unchanged'));
      expect(world.journal.length).toBe(before);
      expect(world.finished.at(-1) ?? []).toEqual([]);
    }),
    { numRuns: 200 },
  );
  // Of twelve kinds of fault and operation, nearly all were met.
  expect(kinds.size).toBeGreaterThan(8);
});

function expectReached(
  world: World,
  rows: readonly {
    readonly found: Readonly<Record<string, string>>;
    readonly keys: Readonly<Record<string, string>>;
    readonly features: readonly string[];
  }[],
): void {
  for (const [index, { found, keys, features }] of rows.entries()) {
    expect(Object.fromEntries(world.guests.get(100 + index) ?? [])).toEqual({ ...found, ...keys });
    for (const name of features) expect(world.facts).toContain(factOf(100 + index, name));
  }
  expect(Object.fromEntries(world.guests.get(999) ?? [])).toEqual({ foreign: 'yes' });
}
