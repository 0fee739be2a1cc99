import { expect, test } from 'vitest';
import { runPhoenix } from '../run-phoenix.ts';

test('programs on the node get nothing of the environment that could be a secret', async () => {
  const env = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', DB_PASSWORD: 'canary-secret' };
  const { exitCode, stdout } = await runPhoenix('node --host local -- env', { env });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^LANG=C\.UTF-8$/m);
  expect(stdout).not.toContain('canary-secret');
});
