import { describe, expect, test } from 'vitest';
import {
  closure,
  dependentsClosure,
  membersBefore,
  NEEDS,
  REQUIRES,
} from '../../../src/cli/targets/graph.ts';
import { container, folderOf } from '../folder.ts';

/* 900 <- 901 (clone) <- 101 (clone) -> 102 -> 103; 104 stands alone. */
const folder = folderOf(
  container(101, { cloneFrom: { vmid: 901 }, dependencies: [102] }),
  container(102, { dependencies: [103] }),
  container(103),
  container(104),
  container(900),
  container(901, { cloneFrom: { vmid: 900 } }),
);

describe('closure', () => {
  test('holds what is needed, first things first', () => {
    expect(closure(folder, [101], NEEDS)).toEqual([900, 901, 103, 102, 101]);
  });
  test('starting needs no clone source', () => {
    expect(closure(folder, [101], REQUIRES)).toEqual([103, 102, 101]);
  });
  test('holds each guest once', () => {
    expect(closure(folder, [102, 101, 102, 104], NEEDS)).toEqual([103, 102, 900, 901, 101, 104]);
  });
  test('of an id that nobody declared is empty', () => {
    expect(closure(folder, [999], NEEDS)).toEqual([]);
  });
  test('ends in a circle', () => {
    const circle = folderOf(container(1, { dependencies: [2] }), container(2, { dependencies: [1] }));
    expect([...closure(circle, [1], NEEDS)].sort()).toEqual([1, 2]);
  });
  test('of a long chain does not overflow', () => {
    const chain = folderOf(
      ...Array.from({ length: 20_000 }, (_, index) => container(index, { dependencies: [index + 1] })),
      container(20_000),
    );
    expect(closure(chain, [0], NEEDS)).toHaveLength(20_001);
  });
});

test('dependents come before what they depend on', () => {
  expect(dependentsClosure(folder, [103], REQUIRES)).toEqual([101, 102, 103]);
  expect(dependentsClosure(folder, [900], NEEDS)).toEqual([101, 901, 900]);
});

describe('what must end before a guest starts', () => {
  const cases: readonly (readonly [
    id: number,
    members: readonly number[],
    nearest: readonly number[],
    all: readonly number[],
  ])[] = [
    [101, [900, 901, 101, 102, 103], [901, 102], [901, 102, 900, 103]],
    [101, [900, 103, 101], [900, 103], [900, 103]],
    [101, [101], [], []],
    [104, [101, 104], [], []],
  ];
  test.each(cases)('%i among %j', (id, members, nearest, all) => {
    const ids = new Set(members);
    const before = (mayBeLeftOut: boolean) => membersBefore(folder, id, { ids, edges: NEEDS, mayBeLeftOut });
    expect(before(false)).toEqual(nearest);
    expect(before(true)).toEqual(all);
  });
});
