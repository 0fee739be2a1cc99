import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'phoenix-find-'));
  for (const name of ['a', 'b', 'empty']) await mkdir(join(root, name));
  for (const name of ['a', 'b']) {
    await writeFile(join(root, name, 'phoenix_lxc_configs.json'), '{ "lxc_configs": {} }');
  }
});
afterEach(() => rm(root, { recursive: true }));

const load = (options: { path?: string; env?: Record<string, string>; cwd?: string }) =>
  loadFolder({
    path: options.path,
    env: options.env ?? {},
    cwd: options.cwd ?? join(root, 'empty'),
    builtinFeatures: join(root, 'none'),
  });

test('--config wins over $PHOENIX_CONFIG, which wins over the working directory', async () => {
  const env = { PHOENIX_CONFIG: join(root, 'b') };
  const cwd = join(root, 'a');
  expect((await load({ path: '../a', env })).folder?.path).toBe(join(root, 'a'));
  expect((await load({ env, cwd })).folder?.path).toBe(join(root, 'b'));
  expect((await load({ cwd })).folder?.path).toBe(cwd);
});

test.each([
  ['a folder that is not there', { path: 'nowhere' }, 'config/no-folder'],
  ['a file in place of the folder', { path: '../a/phoenix_lxc_configs.json' }, 'config/no-folder'],
  ['a folder without a file', { path: '.' }, 'config/no-files'],
  ['no folder anywhere', {}, 'config/no-files'],
])('%s is an error with a remedy', async (_, options, code) => {
  const { folder, diagnostics } = await load(options);
  expect(folder).toBeUndefined();
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
  expect(diagnostics[0]?.remedy).toMatch(/folder|--config/i);
});

test('a folder in place of a file is an error', async () => {
  await mkdir(join(root, 'empty', 'phoenix_vm_configs.json'));
  const { diagnostics } = await load({});
  expect(diagnostics.map(({ code }) => code)).toEqual(['config/unreadable-file']);
});

test('a file of 17 MiB is not read', async () => {
  await writeFile(join(root, 'a', 'phoenix_vm_configs.json'), Buffer.alloc(17 * 1024 * 1024, ' '));
  const { diagnostics } = await load({ path: '../a' });
  expect(diagnostics.map(({ code }) => code)).toEqual(['config/file-too-large']);
});

test('YAML and JSON with a byte order mark say the same', async () => {
  await writeFile(
    join(root, 'a', 'phoenix_lxc_configs.json'),
    '\uFEFF{ "lxc_configs": { "101": { "name": "web", "template": "t", "unprivileged": true, "memory_mb": 512 } } }',
  );
  await rm(join(root, 'b', 'phoenix_lxc_configs.json'));
  await writeFile(
    join(root, 'b', 'phoenix_lxc_configs.yaml'),
    'lxc_configs:\n  101:\n    name: web\n    template: t\n    unprivileged: true\n    memory_mb: 512\n',
  );
  const [json, yaml] = [await load({ path: '../a' }), await load({ path: '../b' })];
  expect([...json.diagnostics, ...yaml.diagnostics]).toEqual([]);
  const [one, two] = [json.folder?.guests.get(101), yaml.folder?.guests.get(101)];
  expect({ ...two, position: undefined }).toEqual({ ...one, position: undefined });
  expect(two?.position).toMatchObject({ line: 2, column: 3 });
  expect(one?.position).toMatchObject({ line: 1, column: 20 });
});
