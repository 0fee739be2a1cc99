import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { WaitOperation } from '../../../src/model/operation.ts';
import { judgeWait, type WaitProgress } from '../../../src/pve/qemu/judge-wait.ts';

const RECORDING = JSON.parse(
  readFileSync(new URL('../../conformance/qemu-agent.json', import.meta.url), 'utf8'),
) as { steps: { run: string[]; rc: number; stderr: string; stdout: string }[] };

const RUNNING = JSON.parse(
  readFileSync(new URL('../../conformance/qemu-running.json', import.meta.url), 'utf8'),
) as typeof RECORDING;

/** What the real tool answered the n-th time that it was called like this. */
function recorded({ steps }: typeof RECORDING, call: string, nth = 0) {
  const step = steps.filter(({ run }) => run.join(' ') === call)[nth];
  if (!step) throw new Error(`not recorded: ${call}`);
  return { rc: step.rc, stdout: step.stdout ?? '', stderr: step.stderr ?? '' };
}

function waiting(what: 'agent' | 'cloud-init', more: Partial<WaitProgress> = {}): WaitProgress {
  const operation: WaitOperation = {
    op: 'wait',
    target: 8201,
    step: 'wait_for_guest_agent',
    changes: [],
    gates: [],
    in: 8201,
    for: what,
    timeoutMs: 180_000,
  };
  return { operation, last: undefined, isTimedOut: false, ...more };
}

function status(fields: object, rc = 0) {
  return { rc, stdout: JSON.stringify(fields), stderr: '' };
}

describe('an agent', () => {
  const ping = 'qm agent 8201 ping';

  test.each([
    ['answers', recorded(RUNNING, ping, 1), 'done', undefined],
    ['does not answer yet: it is waited for', recorded(RUNNING, ping), undefined, undefined],
    ['is not configured', recorded(RECORDING, ping), 'refused', 'guest/agent-not-configured'],
    ['of a VM that stopped', recorded(RECORDING, ping, 1), 'refused', 'guest/stopped-meanwhile'],
  ])('%s', (_, last, kind, code) => {
    for (const what of code === undefined ? (['agent'] as const) : (['agent', 'cloud-init'] as const)) {
      const outcome = judgeWait(waiting(what, { last }));
      expect([outcome?.kind, outcome?.diagnostic?.code]).toEqual([kind, code]);
    }
  });

  test('that never answered: what was seen last, and what to do', () => {
    const last = recorded(RUNNING, ping);
    const outcome = judgeWait(
      waiting('agent', { last, isTimedOut: true, console: ['Debian 12', 'web login:'] }),
    );
    expect(outcome).toMatchObject({ kind: 'lost', exitCode: null });
    expect(outcome?.diagnostic?.detail).toBe(
      '8201 runs and has a channel for an agent, but none answered within 180 s.\n' +
        'Last answer: QEMU guest agent is not running\n' +
        'Last on its console:\n  Debian 12\n  web login:',
    );
    expect(outcome?.diagnostic?.remedy).toContain('qm terminal 8201');
  });
});

describe('Cloud-Init', () => {
  test.each([
    ['22.4: not begun', { status: 'not run', errors: [] }, 0, undefined, undefined],
    ['22.4: at work', { status: 'running', detail: 'Running in stage: init' }, 0, undefined, undefined],
    ['22.4: done', { status: 'done', errors: [], datasource: 'nocloud' }, 0, 'done', undefined],
    ['22.4: failed', { status: 'error', errors: ['x'] }, 1, 'refused', 'guest/cloud-init-failed'],
    ['switched off', { status: 'disabled' }, 0, 'done', undefined],
    [
      '24: degraded',
      { status: 'done', extended_status: 'degraded done', recoverable_errors: { WARNING: ['w'] } },
      2,
      'done',
      'guest/cloud-init-degraded',
    ],
    ['24: degraded while at work', { status: 'running', recoverable_errors: {} }, 2, undefined, undefined],
    [
      '24: failed',
      { status: 'error', extended_status: 'error - done', errors: ['x'] },
      1,
      'refused',
      'guest/cloud-init-failed',
    ],
  ])('%s', (_, fields, rc, kind, code) => {
    const outcome = judgeWait(waiting('cloud-init', { last: status(fields, rc) }));
    expect([outcome?.kind, outcome?.diagnostic?.code]).toEqual([kind, code]);
  });

  test('the reason of what went wrong, or was got over, is told', () => {
    const degraded = { status: 'done', recoverable_errors: { WARNING: ['one'], ERROR: ['two'] } };
    expect(judgeWait(waiting('cloud-init', { last: status(degraded, 2) }))?.diagnostic).toMatchObject({
      severity: 'warning',
      detail: 'one\ntwo',
    });
    const failed = { status: 'error', errors: ['no such module'] };
    expect(judgeWait(waiting('cloud-init', { last: status(failed, 1) }))?.diagnostic).toMatchObject({
      severity: 'error',
      detail: 'no such module',
    });
  });

  test('a system without it has nothing to wait for', () => {
    const last = recorded(RUNNING, 'qm guest exec 8201 -- nosuchcommand');
    expect(judgeWait(waiting('cloud-init', { last }))).toMatchObject({ kind: 'done' });
  });

  test.each([
    ['still at work', status({ status: 'running', stage: 'modules-final' }), 'stage modules-final'],
    [
      'the same by an older one',
      status({ status: 'running', detail: 'Running in stage: init' }),
      'stage init',
    ],
  ])('too late: %s', (_, last, said) => {
    const outcome = judgeWait(waiting('cloud-init', { last, isTimedOut: true }));
    expect(outcome).toMatchObject({ kind: 'lost', diagnostic: { code: 'guest/cloud-init-late' } });
    expect(outcome?.diagnostic?.detail).toContain(said);
  });

  test('an agent that died meanwhile is told of, not Cloud-Init', () => {
    const last = recorded(RUNNING, 'qm agent 8201 ping');
    const outcome = judgeWait(waiting('cloud-init', { last, isTimedOut: true }));
    expect(outcome).toMatchObject({ kind: 'lost', diagnostic: { code: 'guest/agent-not-answering' } });
    expect(outcome?.diagnostic?.detail).toContain('It did before');
  });
});
