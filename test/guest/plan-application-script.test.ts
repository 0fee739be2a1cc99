import { expect, test } from 'vitest';
import { planApplicationScript } from '../../src/guest/plan-application-script.ts';
import { asked, container, script } from './given.ts';

const guest = container({ applicationScript: script({ args: ['a b'], inputs: { ports: [80] } }) });

test('runs once and is recorded beside the features', () => {
  const answer = planApplicationScript(asked({ guest, record: { features: { docker: 'd' }, scripts: {} } }));
  expect(answer.operations).toMatchObject([
    {
      op: 'exec',
      in: 101,
      script: { name: 'app.sh', args: ['a b'], inputs: { ports: [80] } },
      provides: ['script:app.sh@app-digest-1'],
    },
    {
      op: 'write',
      path: '/var/lib/phoenix/record.json',
      mode: 0o600,
      content: `${JSON.stringify({ features: { docker: 'd' }, scripts: { 'app.sh': 'app-digest-1' } }, null, 2)}\n`,
    },
  ]);
  expect(answer.changes).toMatchObject([{ attribute: 'script app.sh', before: undefined, effect: 'live' }]);
});

test.each([['the record has its digest', { features: {}, scripts: { 'app.sh': 'app-digest-1' } }]])(
  'does not run where %s',
  (_, record) => {
    expect(planApplicationScript(asked({ guest, record })).operations).toEqual([]);
  },
);

test('runs where the digest differs, and forgets other scripts so that a return to them runs again', () => {
  const record = { features: {}, scripts: { 'app.sh': 'older', 'former.sh': 'x' } };
  const answer = planApplicationScript(asked({ guest, record }));
  expect(answer.changes).toMatchObject([{ before: 'older' }]);
  expect(answer.operations[1]).toMatchObject({ content: expect.not.stringContaining('former.sh') });
});

test('runs with a warning where the record cannot be read', () => {
  const answer = planApplicationScript(asked({ guest, record: 'unknown' }));
  expect(answer.operations).toHaveLength(2);
  expect(answer.changes[0]?.assumes).toBeDefined();
  expect(answer.diagnostics).toMatchObject([{ severity: 'warning' }]);
});

test('does nothing in a guest that does not run, or that has no script', () => {
  expect(planApplicationScript(asked({ guest, running: false })).operations).toEqual([]);
  expect(planApplicationScript(asked({ guest: container() }))).toEqual({
    changes: [],
    operations: [],
    probes: [],
    diagnostics: [],
  });
});
