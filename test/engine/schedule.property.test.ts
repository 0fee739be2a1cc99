import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../../src/engine/run.ts';
import { settings, targetOf } from './toys.ts';
import { createWorld, refused, requestOf } from './world.ts';

type Plan = {
  readonly after: readonly number[];
  readonly gates: readonly string[];
  readonly fails: boolean;
  readonly isDone: boolean;
};

const FIRST = 100;
const GATES = ['clone:1', 'clone:2', 'storage:a', 'storage:b', 'wide:x'];

/* A target only comes after earlier ones, so there is no circle; the list is shuffled afterwards. */
const plans = fc
  .array(
    fc.record({
      back: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
      gates: fc.subarray(GATES, { maxLength: 3 }),
      fails: fc.boolean().map((fails) => fails),
      luck: fc.integer({ min: 0, max: 9 }),
    }),
    { minLength: 1, maxLength: 24 },
  )
  .map((rows) =>
    rows.map(({ back, gates, fails, luck }, index): Plan => ({
      after: back.map((steps) => index - steps).filter((before) => before >= 0),
      gates,
      fails: fails && luck < 3,
      isDone: luck > 7,
    })),
  );

test('gates hold, every target ends, dependants of failures are skipped, all others are done', async () => {
  const most = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(plans, fc.infiniteStream(fc.nat()), async (rows, order) => {
      const world = createWorld(
        Object.fromEntries(rows.map(({ isDone }, index) => [FIRST + index, isDone ? { key: '1' } : {}])),
      );
      world.fault = (operation) =>
        rows[Number(operation.target) - FIRST]?.fails ? { outcome: refused('no') } : undefined;
      const startedAfter: [number, number][] = [];
      const ended = new Set<number>();
      const targets = rows.map(({ after, gates }, index) =>
        targetOf(
          { vmid: FIRST + index, keys: { key: '1' }, gates },
          { after: after.map((before) => FIRST + before), steps: [settings] },
        ),
      );
      const keyed = targets.map((target) => ({ target, key: order.next().value ?? 0 }));
      const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ target }) => target);

      const result = await run(
        requestOf(world, shuffled, {
          dialect: { fill: (operation) => operation, gateWidth: (gate) => widthOf(gate) },
          emit: (event) => {
            if (event.event === 'target-end') ended.add(Number(event.target));
            if (event.event !== 'target-start') return;
            for (const before of rows[Number(event.target) - FIRST]?.after ?? []) {
              if (!ended.has(FIRST + before)) startedAfter.push([Number(event.target), FIRST + before]);
            }
          },
        }),
      );

      expect(startedAfter).toEqual([]);
      for (const [gate, held] of world.mostAtOnce) {
        expect(held).toBeLessThanOrEqual(widthOf(gate));
        most.set(gate, Math.max(most.get(gate) ?? 0, held));
      }
      const results = new Map(result.targets.map((outcome) => [outcome.target, outcome.result]));
      expect(results.size).toBe(rows.length);
      const expected = expectedResults(rows);
      for (const [index, wanted] of expected.entries()) expect(results.get(FIRST + index)).toBe(wanted);
      expect(result.exitCode).toBe(expected.includes('failed') ? 1 : 0);
      expect(world.locked).toBe(false);
    }),
    { numRuns: 150 },
  );
  // Not only kept because nothing ever ran side by side.
  expect(most.get('wide:x')).toBeGreaterThan(1);
});

function widthOf(gate: string): number {
  if (gate.startsWith('wide')) return 3;
  return gate.startsWith('node') ? 4 : 1;
}

function expectedResults(rows: readonly Plan[]): readonly string[] {
  const results: string[] = [];
  for (const { after, fails, isDone } of rows) {
    const isBroken = after.some((before) => ['failed', 'skipped'].includes(results[before] ?? ''));
    if (isBroken) results.push('skipped');
    else if (isDone) results.push('unchanged');
    else results.push(fails ? 'failed' : 'changed');
  }
  return results;
}
