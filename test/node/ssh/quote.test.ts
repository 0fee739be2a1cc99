import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { quoteForShell } from '../../../src/node/ssh/quote.ts';
import { hostileValues } from '../../e2e/hostile-values.ts';

const folder = mkdtempSync(join(tmpdir(), 'phoenix-quote-'));
afterAll(() => rmSync(folder, { recursive: true }));
const canary = join(folder, 'canary');
const values = hostileValues(canary).filter((value) => !value.includes('\0') && value.length < 50_000);

describe.each(['/bin/sh', '/bin/bash'])('%s', (shell) => {
  test('hands on words as they are', () => {
    const line = quoteForShell(['printf', '%s\\0', ...values, '']);
    const said = execFileSync(shell, ['-c', line], { encoding: 'utf8', cwd: folder });
    expect(said.split('\0').slice(0, -1)).toEqual([...values, '']);
    expect(existsSync(canary)).toBe(false);
  });
});
