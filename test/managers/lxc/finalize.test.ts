import { describe, expect, test } from 'vitest';
import { definitionDigest } from '../../../src/managers/guest/definition-digest.ts';
import { finalize as step } from '../../../src/managers/lxc/finalize.ts';
import { Secret } from '../../../src/model/value.ts';
import { ask, commands, effects, guest, MINIMAL, record, wanted } from '../given.ts';

const snapshots = (...names: readonly string[]): string =>
  MINIMAL + names.map((name) => `\n[${name}]\narch: amd64\n`).join('');

describe('a golden container', () => {
  const desired = { templateSnapshotName: 'final-form' };

  test('is shut down, recorded as completed, then given its snapshot', () => {
    const found = guest(MINIMAL, { running: true, nodeRecord: record({ golden: true }) });
    const answer = ask(step, { desired, guest: found });
    expect(commands(answer)).toEqual(['pct shutdown 8101 --timeout 60', 'pct snapshot 8101 final-form']);
    expect(answer.operations.map(({ op }) => op)).toEqual(['pve', 'write', 'pve']);
    expect(answer.operations[1]).toMatchObject({
      content: expect.stringContaining(definitionDigest(wanted(desired))),
    });
  });

  test.each(['final-form', 'pre-configured'])(
    'D-49: a snapshot counts by its whole name (%s)',
    (templateSnapshotName) => {
      const given = { desired: { templateSnapshotName }, guest: guest(snapshots('final-form-new')) };
      expect(commands(ask(step, given))).toEqual([`pct snapshot 8101 ${templateSnapshotName}`]);
    },
  );

  test('with a snapshot that was cut short: that goes by force, then it is taken anew', () => {
    const found = guest(`${snapshots('final-form')}snapstate: prepare\n`);
    expect(commands(ask(step, { desired, guest: found }))).toEqual([
      'pct delsnapshot 8101 final-form --force 1',
      'pct snapshot 8101 final-form',
    ]);
  });

  test('with its snapshot is left alone', () => {
    expect(ask(step, { desired, guest: guest(snapshots('final-form')) }).operations).toEqual([]);
  });
});

describe('a running container that was not made to be finished', () => {
  const calls = {
    'pct snapshot 8101 clean': { templateSnapshotName: 'clean' },
    'pct template 8101': { isTemplate: true },
  };
  test.each(Object.entries(calls))('is shut down only where that is allowed: %s', (call, desired) => {
    const found = guest(MINIMAL, { running: true });
    const left = ask(step, { desired, guest: found });
    expect(left.operations).toEqual([]);
    expect(Object.values(effects(left))).toEqual(['restart']);
    const allowed = ask(step, { desired, guest: found, allow: ['restart'] });
    expect(commands(allowed)).toEqual(['pct shutdown 8101 --timeout 60', call]);
    expect(commands(ask(step, { desired, guest: guest(MINIMAL) }))).toEqual([call]);
  });

  test.each([
    ['completed by a run that was killed then', definitionDigest(wanted(calls['pct template 8101'])), 'live'],
    ['completed with another definition', 'older', 'restart'],
  ])('made for it and %s: %s', (_, completed, effect) => {
    const found = guest(MINIMAL, { running: true, nodeRecord: record({ golden: true, completed }) });
    const answer = ask(step, { desired: { isTemplate: true }, guest: found });
    expect(effects(answer)).toEqual({ template: effect });
  });
});

describe('a template', () => {
  test('is made once', () => {
    const given = { desired: { isTemplate: true, lifecycleSnapshots: true } };
    expect(commands(ask(step, { ...given, guest: guest(MINIMAL) }))).toEqual(['pct template 8101']);
    const made = guest(`${MINIMAL}template: 1\n`);
    expect(ask(step, { ...given, guest: made }).operations).toEqual([]);
  });
});

describe('D-19: final-form', () => {
  const desired = { lifecycleSnapshots: true };
  const completed = definitionDigest(wanted(desired));
  const take = (name: string): string => `pct snapshot 8101 ${name}`;
  const remove = (name: string): string => `pct delsnapshot 8101 ${name}`;

  test.each([
    ['is taken where it is missing', [], undefined, [take('final-form')]],
    ['stays where the definition is the same', ['final-form'], completed, []],
    [
      'is there in another form before the old one goes',
      ['final-form'],
      'older',
      [take('final-form-new'), remove('final-form'), take('final-form'), remove('final-form-new')],
    ],
    [
      'is finished where a run was killed before the old one went',
      ['final-form', 'final-form-new'],
      'older',
      [
        remove('final-form-new'),
        take('final-form-new'),
        remove('final-form'),
        take('final-form'),
        remove('final-form-new'),
      ],
    ],
    [
      'is finished where a run was killed after the old one went',
      ['final-form-new'],
      'older',
      [take('final-form'), remove('final-form-new')],
    ],
    [
      'is finished where a run was killed at the very end',
      ['final-form', 'final-form-new'],
      completed,
      [remove('final-form-new')],
    ],
  ])('%s', (_, names, digest, expected) => {
    const found = guest(snapshots(...names), {
      running: true,
      nodeRecord: record(digest === undefined ? {} : { completed: digest }),
    });
    const answer = ask(step, { desired, guest: found });
    expect(commands(answer)).toEqual(expected);
    let standing = new Set(names);
    for (const command of expected) {
      const [, call, , name = ''] = command.split(' ');
      standing = new Set(
        call === 'snapshot' ? [...standing, name] : [...standing].filter((one) => one !== name),
      );
      if (names.length > 0) expect(standing.size).toBeGreaterThan(0);
    }
  });
});

describe('the digest of a definition', () => {
  const secret = (reference: string) =>
    wanted({ applicationScript: { ...SCRIPT, env: { TOKEN: new Secret(reference, () => 'hidden') } } });

  test('is the same wherever it stands and whatever the secret is, and differs with what it says', () => {
    const digest = definitionDigest(wanted());
    expect(definitionDigest(wanted({ position: { file: 'b', line: 1, column: 1 } }))).toBe(digest);
    expect(definitionDigest(wanted({ memoryMiB: 1 }))).not.toBe(digest);
    expect(definitionDigest(secret('env:A'))).not.toBe(definitionDigest(secret('env:B')));
  });
});

const SCRIPT = {
  name: 'a',
  content: '',
  digest: '',
  args: [],
  env: {},
  inputs: {},
  files: {},
  timeoutMs: 1,
};
