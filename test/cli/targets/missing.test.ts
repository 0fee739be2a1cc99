import { expect, test } from 'vitest';
import { isMissing } from '../../../src/cli/targets/missing.ts';
import type { DesiredContainer } from '../../../src/model/desired.ts';
import type { Observation, ObservedGuest } from '../../../src/model/observation.ts';
import { container, folderOf } from '../folder.ts';
import { observedGuest, observedNode } from '../observed.ts';

const OURS = { description: 'phoenix: phoenix/101\n' };
const running = observedGuest(101, { ...OURS, running: true, record: 'none' });
const feature = { name: 'docker' } as DesiredContainer['features'][number];
const script = { name: 'web.sh' } as NonNullable<DesiredContainer['applicationScript']>;
const open = { at: 1, run: 'r', entry: 'begin', index: 0, target: 101 } as Observation['openEntries'][number];

const cases: readonly (readonly [
  what: string,
  wanted: Partial<DesiredContainer>,
  found: ObservedGuest | undefined,
  openEntries: Observation['openEntries'],
  isMissing: boolean,
])[] = [
  ['absent', {}, undefined, [], true],
  ['running', {}, running, [], false],
  ['stopped', {}, { ...running, running: false }, [], true],
  ['begun and never ended', {}, running, [open], true],
  ['without its feature', { features: [feature] }, running, [], true],
  ['with its feature', { features: [feature] }, { ...running, record: applied('docker') }, [], false],
  ['without its script', { applicationScript: script }, { ...running, record: applied('docker') }, [], true],
  [
    'with a record that nobody may believe',
    { features: [feature] },
    { ...running, record: 'unknown' },
    [],
    false,
  ],
  ['someone else’s, stopped', {}, observedGuest(101, { running: false }), [], false],
  ['a copy’s line, stopped', {}, observedGuest(101, { description: 'phoenix: phoenix/900\n' }), [], false],
  ['no template yet', { isTemplate: true }, running, [], true],
  ['a template', { isTemplate: true }, observedGuest(101, { keys: { template: '1' } }), [], false],
  ['golden without its snapshot', { templateSnapshotName: 'ready' }, running, [], true],
  ['golden', { templateSnapshotName: 'ready' }, observedGuest(101, { snapshots: ['ready'] }), [], false],
];

test.each(cases)('%s', (_what, wanted, found, openEntries, is) => {
  const desired = container(101, wanted);
  const node = observedNode(...(found === undefined ? [] : [found]));
  expect(isMissing(folderOf(desired), desired, { ...node, openEntries })).toBe(is);
});

function applied(feature: string): ObservedGuest['record'] {
  return { features: { [feature]: 'digest' }, scripts: {} };
}
