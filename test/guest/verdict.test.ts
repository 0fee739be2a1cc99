import { expect, test } from 'vitest';
import { verdictOf } from '../../src/guest/verdict.ts';
import type { Outcome } from '../../src/model/outcome.ts';

const notRunning = { code: 'pve/not-running', severity: 'error', summary: 'The guest does not run' } as const;

test.each<[Partial<Outcome>, string]>([
  [{ kind: 'done', exitCode: 0 }, 'yes'],
  [{ kind: 'done', exitCode: null }, 'yes'],
  [{ kind: 'done', exitCode: 1 }, 'no'],
  [{ kind: 'refused', exitCode: 1 }, 'no'],
  [{ kind: 'refused', exitCode: 127 }, 'no'],
  [{ kind: 'refused', exitCode: 125 }, 'none'],
  [{ kind: 'refused', exitCode: null }, 'none'],
  [{ kind: 'refused', exitCode: 1, diagnostic: notRunning }, 'none'],
  [{ kind: 'lost', exitCode: null }, 'none'],
  [{ kind: 'busy', exitCode: 1 }, 'none'],
])('%j says %s', (outcome, verdict) => {
  expect(verdictOf({ kind: 'done', exitCode: 0, stdout: '', stderr: '', ...outcome })).toBe(verdict);
});
