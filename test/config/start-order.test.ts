import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { projectStartOrder, type Starter } from '../../src/config/start-order.ts';

const boots = (vmid: number, dependencies: number[] = [], order?: number): Starter => ({
  vmid,
  dependencies,
  startsAtBoot: true,
  order,
});
const stays = (vmid: number, dependencies: number[] = []): Starter => ({
  vmid,
  dependencies,
  startsAtBoot: false,
});

function project(...starters: readonly Starter[]) {
  const { orders, contradictions } = projectStartOrder(new Map(starters.map((each) => [each.vmid, each])));
  return { orders: Object.fromEntries(orders), contradictions };
}

test.each<[string, readonly Starter[], Record<number, number>]>([
  ['guests that need nobody have none', [boots(101), boots(102)], {}],
  ['what is needed comes first', [boots(101, [102]), boots(102), boots(103)], { 101: 2, 102: 1 }],
  ['a chain', [boots(101, [102]), boots(102, [103]), boots(103)], { 101: 3, 102: 2, 103: 1 }],
  [
    'a diamond',
    [boots(101, [102, 103]), boots(102, [104]), boots(103), boots(104)],
    { 101: 3, 102: 2, 103: 1, 104: 1 },
  ],
  ['guests that stay off have none', [boots(101, [102]), stays(102), stays(103, [101])], {}],
  [
    'a chain through one that stays off',
    [boots(101, [102]), stays(102, [103]), boots(103)],
    { 101: 2, 103: 1 },
  ],
  ['an explicit order stays', [boots(101, [], 7), boots(102)], { 101: 7 }],
  ['and what needs it comes later', [boots(101, [102]), boots(102, [], 7)], { 101: 8, 102: 7 }],
  ['and what it needs comes earlier', [boots(101, [102], 1), boots(102)], { 101: 1, 102: 0 }],
  [
    'a chain before an explicit order',
    [boots(101, [102], 2), boots(102, [103]), boots(103)],
    { 101: 2, 102: 1, 103: 0 },
  ],
  [
    'a circle has none',
    [boots(101, [102]), boots(102, [101]), boots(103, [104]), boots(104)],
    { 103: 2, 104: 1 },
  ],
  ['a guest that is not there', [boots(101, [999])], {}],
])('%s', (_name, starters, orders) => {
  expect(project(...starters)).toEqual({ orders, contradictions: [] });
});

test.each<[string, readonly Starter[], [number, number, number, number]]>([
  ['two explicit orders', [boots(101, [102], 1), boots(102, [], 5)], [101, 1, 102, 5]],
  ['no room before an explicit one', [boots(101, [102], 0), boots(102)], [101, 0, 102, 0]],
  ['through another guest', [boots(101, [102], 3), stays(102, [103]), boots(103, [], 4)], [101, 3, 103, 4]],
  ['the same order and a higher id', [boots(101, [102], 3), boots(102, [], 3)], [101, 3, 102, 3]],
])('a contradiction: %s', (_name, starters, [vmid, order, needed, neededOrder]) => {
  expect(project(...starters).contradictions).toEqual([{ vmid, order, needed, neededOrder }]);
});

test('the same order is fine where the needed one has the lower id, as Proxmox starts that first', () => {
  expect(project(boots(101, [], 3), boots(102, [101], 3))).toEqual({
    orders: { 101: 3, 102: 3 },
    contradictions: [],
  });
});

test('whatever the graph: each starts after all that it needs, or is a contradiction', () => {
  const starters = fc
    .array(
      fc.record({
        picks: fc.array(fc.nat(), { maxLength: 3 }),
        startsAtBoot: fc.boolean(),
        order: fc.option(fc.nat({ max: 6 }), { nil: undefined, freq: 3 }),
      }),
      { maxLength: 12 },
    )
    .map((rows) =>
      rows.map(({ picks, startsAtBoot, order }, index) => ({
        vmid: 100 + index,
        // Only earlier ones, so that there is no circle.
        dependencies: index === 0 ? [] : picks.map((pick) => 100 + (pick % index)),
        startsAtBoot,
        order,
      })),
    );
  fc.assert(
    fc.property(starters, (all) => {
      const guests = new Map(all.map((each) => [each.vmid, each]));
      const { orders, contradictions } = projectStartOrder(guests);
      const excused = new Set(contradictions.map(({ vmid }) => vmid));
      const needed = new Map(all.map(({ vmid }) => [vmid, closure(vmid, guests)]));
      const isInvolved = (vmid: number): boolean =>
        [...needed].some(
          ([id, needs]) =>
            guests.get(id)?.startsAtBoot &&
            [...needs].some((other) => guests.get(other)?.startsAtBoot && [id, other].includes(vmid)),
        );
      for (const { vmid, startsAtBoot, order } of all) {
        const own = orders.get(vmid);
        expect(own !== undefined).toBe(startsAtBoot && (order !== undefined || isInvolved(vmid)));
        if (order !== undefined && startsAtBoot) expect(own).toBe(order);
        for (const id of needed.get(vmid) ?? []) {
          const other = orders.get(id);
          if (own === undefined || other === undefined || excused.has(vmid)) continue;
          expect(other < own || (other === own && order !== undefined && id < vmid)).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});

function closure(vmid: number, guests: ReadonlyMap<number, Starter>): ReadonlySet<number> {
  const all = new Set<number>();
  for (const id of guests.get(vmid)?.dependencies ?? []) {
    all.add(id);
    for (const deeper of closure(id, guests)) all.add(deeper);
  }
  return all;
}
