import { describe, expect, test } from 'vitest';
import { planFeatures } from '../../src/guest/plan-features.ts';
import type { Operation } from '../../src/model/operation.ts';
import { probeKey } from '../../src/model/probe-key.ts';
import type { StepAnswer } from '../../src/model/step.ts';
import { Secret } from '../../src/model/value.ts';
import { ENDED_BADLY, FAILED, LOST, NOT_RUN, PASSED, asked, container, feature } from './given.ts';

const A = feature('alpha');
const B = feature('beta', { needs: ['alpha'] });

/** An operation in a few words, a record by its content. */
function short(operation: Operation): string {
  if (operation.op === 'write') return `write ${String(operation.mode)} ${operation.content ?? ''}`;
  if (operation.op === 'exec' || operation.op === 'check') return `${operation.op}: ${operation.title ?? ''}`;
  return operation.op;
}

function record(features: Record<string, string>, scripts: Record<string, string> = {}): string {
  return `write ${0o600} ${JSON.stringify({ features, scripts }, null, 2)}\n`;
}

function answersTo(answer: StepAnswer, outcomes: Record<string, typeof PASSED>) {
  return answer.probes.map((probe) => [probeKey(probe), outcomes[probe.title ?? ''] ?? FAILED] as const);
}

describe('a feature without an entry in the record', () => {
  test('is asked for before anything else', () => {
    const answer = planFeatures(asked({ guest: container({ features: [A, B] }) }));
    expect(answer.probes.map(short)).toEqual(['check: check feature alpha', 'check: check feature beta']);
    expect(answer.operations).toEqual([]);
    expect(answer.changes).toEqual([]);
  });

  test('is installed, verified and recorded where the check fails, one record after each', () => {
    const guest = container({ features: [B, A] });
    const answers = answersTo(planFeatures(asked({ guest })), {});
    const answer = planFeatures(asked({ guest, answers }));
    expect(answer.operations.map(short)).toEqual([
      'exec: install feature alpha',
      'check: verify feature alpha',
      record({ alpha: A.digest }),
      'exec: install feature beta',
      'check: verify feature beta',
      record({ alpha: A.digest, beta: B.digest }),
    ]);
    expect(answer.changes.map((change) => change.attribute)).toEqual(['feature alpha', 'feature beta']);
    expect(answer.changes.every((change) => change.effect === 'live')).toBe(true);
  });

  test('is only recorded where the check passes', () => {
    const guest = container({ features: [A] });
    const answers = answersTo(planFeatures(asked({ guest })), { 'check feature alpha': PASSED });
    const answer = planFeatures(asked({ guest, answers }));
    expect(answer.operations.map(short)).toEqual([record({ alpha: A.digest })]);
    expect(answer.changes[0]?.before).toBe('in place, not recorded');
  });

  test('is installed where the check ends with any exit code but 0', () => {
    const guest = container({ features: [A] });
    const answers = answersTo(planFeatures(asked({ guest })), { 'check feature alpha': ENDED_BADLY });
    expect(planFeatures(asked({ guest, answers })).operations).toHaveLength(3);
  });

  test.each([LOST, NOT_RUN])('is an error where the check gives no answer: %j', (outcome) => {
    const guest = container({ features: [A] });
    const answers = answersTo(planFeatures(asked({ guest })), { 'check feature alpha': outcome });
    const answer = planFeatures(asked({ guest, answers }));
    expect(answer.operations).toEqual([]);
    expect(answer.diagnostics).toMatchObject([{ code: 'guest/check-lost', severity: 'error' }]);
  });
});

describe('a feature with an entry in the record', () => {
  test('of the same digest asks nothing and does nothing', () => {
    const input = asked({
      guest: container({ features: [A] }),
      record: { features: { alpha: A.digest }, scripts: {} },
    });
    expect(planFeatures(input)).toEqual({ changes: [], operations: [], probes: [], diagnostics: [] });
  });

  test('of another digest is installed without asking first; the rest of the record stays', () => {
    const input = asked({
      guest: container({ features: [A] }),
      record: { features: { alpha: 'older' }, scripts: { 'app.sh': 'x' } },
    });
    const answer = planFeatures(input);
    expect(answer.probes).toEqual([]);
    expect(answer.operations.map(short)).toEqual([
      'exec: install feature alpha',
      'check: verify feature alpha',
      record({ alpha: A.digest }, { 'app.sh': 'x' }),
    ]);
    expect(answer.changes).toMatchObject([{ before: 'older', after: A.digest.slice(0, 12) }]);
  });

  test('named like a property of every object is told from it', () => {
    const guest = container({ features: [feature('constructor')] });
    expect(planFeatures(asked({ guest, record: { features: {}, scripts: {} } })).probes).toHaveLength(1);
  });
});

describe('a feature that the folder no longer names', () => {
  const left = { features: { gone: 'x' }, scripts: {} };

  test('is a warning and nothing more', () => {
    const answer = planFeatures(asked({ guest: container(), record: left }));
    expect(answer).toMatchObject({ changes: [], operations: [], probes: [] });
    expect(answer.diagnostics).toMatchObject([{ code: 'guest/feature-left-behind', severity: 'warning' }]);
  });

  test('is none where a source that it is cloned from names it', () => {
    const golden = container({ vmid: 900, features: [feature('gone')] });
    const middle = container({ vmid: 901, cloneFrom: { vmid: 900 } });
    const guest = container({ cloneFrom: { vmid: 901 } });
    const answer = planFeatures(asked({ guest, record: left, others: [golden, middle] }));
    expect(answer.diagnostics).toEqual([]);
  });

  test('is no endless search where clones name each other', () => {
    const other = container({ vmid: 102, cloneFrom: { vmid: 101 } });
    const guest = container({ cloneFrom: { vmid: 102 } });
    const answer = planFeatures(asked({ guest, record: left, others: [other] }));
    expect(answer.diagnostics).toHaveLength(1);
  });
});

describe('needs', () => {
  test('that nobody names are errors', () => {
    const answer = planFeatures(asked({ guest: container({ features: [B] }) }));
    expect(answer.diagnostics).toMatchObject([{ code: 'guest/feature-needs', severity: 'error' }]);
    expect(answer.probes).toEqual([]);
  });

  test('are met by the record', () => {
    const input = asked({
      guest: container({ features: [B] }),
      record: { features: { alpha: 'x', beta: B.digest }, scripts: {} },
    });
    expect(planFeatures(input).diagnostics.filter((it) => it.severity === 'error')).toEqual([]);
  });

  test('in a circle are an error that names it', () => {
    const features = [
      feature('a', { needs: ['b'] }),
      feature('b', { needs: ['c'] }),
      feature('c', { needs: ['b'] }),
    ];
    const answer = planFeatures(asked({ guest: container({ features }) }));
    expect(answer.diagnostics).toMatchObject([
      { code: 'guest/feature-circle', severity: 'error', detail: 'b needs c needs b' },
    ]);
  });
});

describe('a record that cannot be read', () => {
  test('counts as none, with a warning and an assumption', () => {
    const guest = container({ features: [A] });
    const answers = answersTo(planFeatures(asked({ guest, record: 'unknown' })), {});
    const answer = planFeatures(asked({ guest, record: 'unknown', answers }));
    expect(answer.operations).toHaveLength(3);
    expect(answer.changes[0]?.assumes).toBe(
      'it is not in place, which nobody could see; a run looks first and does what is missing',
    );
    expect(answer.diagnostics).toMatchObject([{ code: 'guest/record-unknown', severity: 'warning' }]);
  });

  test('of a guest that does not run is a notice', () => {
    const answer = planFeatures(
      asked({ guest: container({ features: [A] }), record: 'unknown', running: false }),
    );
    expect(answer).toMatchObject({ operations: [], probes: [] });
    expect(answer.diagnostics).toMatchObject([{ code: 'guest/not-running', severity: 'notice' }]);
  });
});

test('options become environment variables of both scripts, secrets unrevealed', () => {
  const token = new Secret('env:TOKEN', () => 'canary');
  const guest = container({ features: [feature('alpha', { options: { max_memory: '1', token } })] });
  const asking = planFeatures(asked({ guest }));
  const answer = planFeatures(asked({ guest, answers: answersTo(asking, {}) }));
  const [install] = answer.operations;
  const variables = { PHOENIX_OPTION_MAX_MEMORY: '1', PHOENIX_OPTION_TOKEN: token };
  expect(install).toMatchObject({ env: variables, provides: ['feature:alpha@alpha-digest-1'] });
  expect(asking.probes[0]).toMatchObject({
    probe: { env: variables },
    needs: ['feature:alpha@alpha-digest-1'],
  });
  expect(JSON.stringify([asking, answer])).not.toContain('canary');
});
