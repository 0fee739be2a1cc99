import { expect, test } from 'vitest';
import { effectiveIdMap, hostIdOf } from '../../src/pve/id-map.ts';

const idmap = (...values: readonly string[]): [string, string][] =>
  values.map((value) => ['lxc.idmap', value]);
const unprivileged = new Map([['unprivileged', '1']]);

test.each([
  ['privileged', new Map<string, string>(), [], 'uid', 33, 33],
  ['unprivileged', unprivileged, [], 'uid', 33, 100_033],
  ['unprivileged, beyond the default map', unprivileged, [], 'uid', 65_536, undefined],
  ['its own map', unprivileged, idmap('u 0 200000 100', 'g 0 300000 100'), 'gid', 5, 300_005],
  ['both kinds in one line', unprivileged, idmap('b 0 200000 100'), 'gid', 5, 200_005],
  [
    'a hole in its own map',
    unprivileged,
    idmap('u 0 100000 1000', 'u 1001 101001 10'),
    'uid',
    1000,
    undefined,
  ],
  ['passed through', unprivileged, idmap('u 0 100000 1000', 'u 1000 1000 1', 'g 0 1 9'), 'uid', 1000, 1000],
] as const)('%s', (_, keys, raw, type, id, expected) => {
  expect(hostIdOf(effectiveIdMap({ keys, raw }), type, id)).toBe(expected);
});
