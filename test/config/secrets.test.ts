import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';
import { Secret } from '../../src/model/value.ts';

const CANARY = 'c4n4ry-9f3e';
const builtinFeatures = resolve(import.meta.dirname, '../../features');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-secrets-'));
  await mkdir(join(folder, 'scripts'));
  await writeFile(join(folder, 'scripts/app.sh'), '#!/bin/sh\n');
});
afterEach(() => rm(folder, { recursive: true }));

async function environment(reference: object, env: Record<string, string> = {}) {
  const guest = {
    name: 'web',
    template: 't',
    unprivileged: true,
    application_script: 'app.sh',
    application_script_env: { KEY: reference },
  };
  await writeFile(join(folder, 'phoenix_lxc_configs.json'), JSON.stringify({ lxc_configs: { 101: guest } }));
  const result = await loadFolder({ path: folder, env, cwd: folder, builtinFeatures });
  const script = result.folder?.guests.get(101)?.applicationScript;
  const secret = script?.env['KEY'];
  if (!script || !(secret instanceof Secret)) throw new Error('no secret');
  return { ...result, script, secret };
}

test('an environment variable', async () => {
  const { secret, diagnostics } = await environment({ from_env: 'X' }, { X: CANARY });
  expect(diagnostics).toEqual([]);
  expect(secret.reveal()).toBe(CANARY);
});

test('a file without its last line end', async () => {
  await writeFile(join(folder, 'key'), `${CANARY}\n\n`);
  const { secret } = await environment({ from_file: 'key' });
  expect(secret.reveal()).toBe(`${CANARY}\n`);
});

test('a command, run when the secret is revealed and not before', async () => {
  const mark = join(folder, 'ran');
  const { secret } = await environment({
    from_command: ['sh', '-c', `echo x >> '${mark}'; wc -l < '${mark}'`],
  });
  expect(secret.reveal().trim()).toBe('1');
});

test('a command that fails says no more than its name', async () => {
  const { secret } = await environment({ from_command: ['sh', '-c', `echo ${CANARY}; exit 1`] });
  expect(() => secret.reveal()).toThrow(/^The secret command:sh cannot be read\.$/);
});

test('nothing that is loaded shows the secret', async () => {
  const { folder: loaded, diagnostics, script } = await environment({ from_env: 'X' }, { X: CANARY });
  const shown = [
    inspect(loaded, { depth: 20, showHidden: true }),
    JSON.stringify([...(loaded?.guests.values() ?? [])]),
    JSON.stringify(diagnostics),
    script.digest,
  ];
  expect(shown.join('\n')).not.toContain(CANARY);
});

test('the digest depends on the reference and not on the value', async () => {
  const one = await environment({ from_env: 'X' }, { X: 'one' });
  const two = await environment({ from_env: 'X' }, { X: 'two' });
  const other = await environment({ from_env: 'Y' }, { Y: 'one' });
  expect(one.script.digest).toBe(two.script.digest);
  expect(one.script.digest).not.toBe(other.script.digest);
});
