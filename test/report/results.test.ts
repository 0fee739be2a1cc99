import { expect, test } from 'vitest';
import type { RunResult } from '../../src/model/plan.ts';
import { Secret } from '../../src/model/value.ts';
import { resultDocument } from '../../src/report/document.ts';
import { renderPlan } from '../../src/report/plan.ts';
import { renderResult } from '../../src/report/result.ts';
import { change, check, describeToy, install, outcome, set } from './samples.ts';

const mount = change('mount /data', {
  before: undefined,
  after: '/srv/data',
  effect: 'restart',
});
const result: RunResult = {
  exitCode: 3,
  diagnostics: [],
  targets: [
    outcome(101, '101 web', {
      result: 'left',
      changes: [
        change('memory'),
        change('mount /old', { after: undefined, before: '/srv/old', effect: 'detaches-volume' }),
        change('feature docker', {
          before: undefined,
          after: 'f00d',
          assumes: 'no readable record in the guest',
        }),
        mount,
      ],
      operations: [set(101, { memory: '1024' }), install(101, 'docker')],
      checks: [check(101, 'health check http')],
      left: [mount],
    }),
    outcome(102, '102 db'),
    outcome(103, '103 cache', { result: 'failed', reason: 'Storage full' }),
    outcome(104, '104 app', { result: 'skipped', reason: '103 cache failed' }),
    outcome(105, '105 new', {
      result: 'changed',
      changes: [change('container', { before: undefined, after: 'made' })],
      operations: [set(105, {})],
    }),
  ],
};

test('a plan', () => {
  expect(renderPlan(result, { describe: describeToy })).toMatchInlineSnapshot(`
    "101 web
      ~ memory: 512 -> 1024
      - mount /old: /srv/old  (detaches a volume)
      + feature docker: f00d  (assumes no readable record in the guest)
      Operations:
        pct set 101 --memory 1024
        pct exec 101 -- install docker
      Will check:
        health check http
      Left:
        + mount /data: /srv/data  (needs a restart)  --allow restart

    103 cache
      ✗ would fail: Storage full

    104 app
      - skipped because 103 cache failed

    105 new
      + container: made
      Operations:
        pct set 105

    Plan: 2 guests to change (3 operations), 1 with something left, 1 failing, 1 skipped, 1 unchanged.
    "
  `);
});

test('a plan with nothing to do', () => {
  const targets = [outcome(101, '101 web', { checks: [check(101, 'health check http')] })];
  expect(renderPlan({ ...result, targets }, { describe: describeToy })).toMatchInlineSnapshot(`
    "101 web
      Will check:
        health check http

    ✓ Nothing to do: 1 guest as described.
    "
  `);
});

test('the result of a run', () => {
  expect(renderResult(result)).toMatchInlineSnapshot(`
    "! 101 web    left something
        ~ memory: 512 -> 1024
        - mount /old: /srv/old  (detaches a volume)
        + feature docker: f00d  (assumes no readable record in the guest)
        + mount /data: /srv/data  (needs a restart)  --allow restart
        ✓ health check http
    = 102 db     unchanged
    ✗ 103 cache  failed: Storage full
    - 104 app    skipped because 103 cache failed
    ✓ 105 new    changed
        + container: made

    1 changed, 1 unchanged, 1 left something, 1 failed, 1 skipped.
    "
  `);
});

test('a failed target tells what was done and what was not', () => {
  const [memory, cores] = [change('memory'), change('cores', { before: '1', after: '2' })];
  const left = change('mount /old', { after: undefined, before: '/srv/old', effect: 'detaches-volume' });
  const targets = [
    outcome(101, '101 web', {
      result: 'failed',
      reason: 'Storage full',
      changes: [memory, cores, left],
      left: [left],
      undone: [cores, left],
    }),
  ];
  expect(renderResult({ ...result, targets })).toMatchInlineSnapshot(`
    "✗ 101 web  failed: Storage full
        ~ memory: 512 -> 1024
        - mount /old: /srv/old  (detaches a volume)  --allow detaches-volume
        · cores: 1 -> 2  not done

    1 failed.
    "
  `);
});

test('many unchanged guests are only counted', () => {
  const targets = Array.from({ length: 40 }, (_, index) => outcome(100 + index, `${100 + index} many`));
  expect(renderResult({ ...result, targets })).toBe('40 unchanged.\n');
});

test('the document holds each operation with its command, and a secret by its reference', () => {
  const secret = new Secret('env:TOKEN', () => 'canary-77');
  const targets = [
    outcome(101, '101 web', {
      operations: [{ ...set(101, {}), op: 'pve', call: 'pct set', vmid: 101, params: { password: secret } }],
    }),
  ];
  const text = JSON.stringify(resultDocument({ ...result, targets }, describeToy));
  expect(text).not.toContain('canary-77');
  expect(JSON.parse(text)).toMatchObject({
    exitCode: 3,
    targets: [
      {
        target: 101,
        operations: [
          {
            call: 'pct set',
            params: { password: { secret: 'env:TOKEN' } },
            command: 'pct set 101 --password •••',
          },
        ],
      },
    ],
  });
  expect(renderPlan({ ...result, targets }, { describe: describeToy })).not.toContain('canary-77');
});

test('names and values from outside cannot move the cursor', () => {
  const evil = 'x\u001B[2Jy\nz';
  const targets = [
    outcome(101, evil, { result: 'left', changes: [change(evil, { before: evil })], left: [change(evil)] }),
    outcome(102, evil, { result: 'failed', reason: evil }),
  ];
  for (const text of [
    renderPlan({ ...result, targets }, { describe: () => evil }),
    renderResult({ ...result, targets }),
  ]) {
    expect(text).not.toContain('\u001B');
    expect(text).toContain('x\\x1b[2Jy\\nz');
  }
});
