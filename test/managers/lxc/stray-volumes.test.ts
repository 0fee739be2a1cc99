import { expect, test } from 'vitest';
import { applyConfigurations as step } from '../../../src/managers/lxc/apply-configurations.ts';
import type { PveOperation } from '../../../src/model/operation.ts';
import { ask, commands, guest, MINIMAL } from '../given.ts';

const set = (params: PveOperation['params']): PveOperation => ({
  op: 'pve',
  target: 8101,
  step: 'apply_configurations',
  changes: [],
  gates: [],
  call: 'pct set',
  vmid: 8101,
  params,
});
const ALLOCATES = set({ mp0: 'local:1,mp=/data' });
const NAMED = 'local:8101/vm-8101-disk-0.raw';
const STRAY = 'local:8101/vm-8101-disk-1.raw';

test.each([
  ['kept as unused after a killed call of ours', [ALLOCATES], [NAMED, STRAY], ['pct rescan --vmid 8101']],
  ["left alone where no call of ours was cut short: it is others'", [], [NAMED, STRAY], []],
  ['left alone where ours allocated nothing', [set({ memory: '512' })], [NAMED, STRAY], []],
  ['none: nothing to do', [ALLOCATES], [NAMED], []],
  ["another guest's", [ALLOCATES], [NAMED, 'local:81010/vm-81010-disk-0.raw'], []],
])('a volume that nothing names is %s', (_, open, volumes, expected) => {
  expect(commands(ask(step, { guest: guest(MINIMAL), open, node: { volumes } }))).toEqual(expected);
});
