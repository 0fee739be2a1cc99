import { describe, expect, test } from 'vitest';
import { planHealthChecks } from '../../src/guest/plan-health-checks.ts';
import type { DesiredHealthCheck } from '../../src/model/desired.ts';
import { probeKey } from '../../src/model/probe-key.ts';
import { ENDED_BADLY, FAILED, LOST, NOT_RUN, PASSED, asked, container, feature, script } from './given.ts';

const patience = { retries: 3, intervalMs: 5000, timeoutMs: 10_000 };

function check(probe: DesiredHealthCheck['probe'], name = 'it'): DesiredHealthCheck {
  return { name, probe, ...patience };
}

describe('where and how each kind is asked', () => {
  test.each([
    [
      { kind: 'command', argv: ['test', '-e', '/x y'] } as const,
      101,
      { kind: 'command', argv: ['test', '-e', '/x y'] },
    ],
    [
      { kind: 'script', content: 'a | b', args: ['1'] } as const,
      101,
      { kind: 'command', script: { name: 'it', content: '#!/bin/sh\na | b\n', args: ['1'] } },
    ],
    [
      { kind: 'script', content: '#!/bin/bash\na', args: [] } as const,
      101,
      { kind: 'command', script: { name: 'it', content: '#!/bin/bash\na', args: [] } },
    ],
    [{ kind: 'http', url: 'http://10.0.0.1/' } as const, 'node', { kind: 'http', url: 'http://10.0.0.1/' }],
    [
      { kind: 'tcp', host: '10.0.0.1', port: 22 } as const,
      'node',
      { kind: 'tcp', host: '10.0.0.1', port: 22 },
    ],
  ])('%j', (probe, place, expected) => {
    const answer = planHealthChecks(asked({ guest: container({ healthChecks: [check(probe)] }) }));
    expect(answer.probes).toMatchObject([
      { op: 'check', target: 101, in: place, probe: expected, ...patience },
    ]);
  });
});

describe('the answer', () => {
  const guest = container({
    healthChecks: [check({ kind: 'tcp', host: '10.0.0.1', port: 22 }, 'ssh')],
    applicationScript: script(),
  });
  const [probe] = planHealthChecks(asked({ guest })).probes;
  const answered = (outcome: typeof PASSED) =>
    planHealthChecks(asked({ guest, answers: probe ? [[probeKey(probe), outcome]] : [] }));

  test('that it passes says nothing', () => {
    expect(answered(PASSED)).toMatchObject({ changes: [], operations: [], diagnostics: [] });
  });

  test.each([FAILED, ENDED_BADLY, NOT_RUN, LOST])(
    'that it fails is an error and no change: %j',
    (outcome) => {
      const answer = answered(outcome);
      expect(answer).toMatchObject({ changes: [], operations: [] });
      expect(answer.diagnostics).toMatchObject([{ code: 'guest/unhealthy', severity: 'error' }]);
      expect(answer.diagnostics[0]?.remedy).toContain('phoenix health-check 101');
    },
  );

  test('rests on what the steps before it bring about', () => {
    expect(probe?.needs).toEqual(['script:app.sh@app-digest-1']);
  });
});

test('only the verb health-check asks the checks of features', () => {
  const guest = container({ features: [feature('docker')] });
  expect(planHealthChecks(asked({ guest })).probes).toEqual([]);
  const titles = planHealthChecks(asked({ guest, verb: 'health-check' })).probes.map((it) => it.title);
  expect(titles).toEqual(['check feature docker']);
});

test('a guest that does not run is not healthy', () => {
  const guest = container({ healthChecks: [check({ kind: 'tcp', host: 'x', port: 1 })] });
  const answer = planHealthChecks(asked({ guest, running: false }));
  expect(answer.probes).toEqual([]);
  expect(answer.diagnostics).toMatchObject([{ code: 'guest/not-running', severity: 'error' }]);
});
