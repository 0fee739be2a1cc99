import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadFolder } from '../../src/config/load-folder.ts';

const builtinFeatures = resolve(import.meta.dirname, '../../features');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-features-'));
  await cp(resolve(import.meta.dirname, 'fixture'), folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

async function hello() {
  const { folder: loaded, diagnostics } = await loadFolder({
    path: folder,
    env: { HELLO_TOKEN: 'x' },
    cwd: folder,
    builtinFeatures,
  });
  expect(diagnostics).toEqual([]);
  const feature = loaded?.guests.get(101)?.features.find(({ name }) => name === 'hello');
  if (!feature) throw new Error('no feature');
  return feature;
}

async function change(path: string, from: string, to: string): Promise<void> {
  const file = join(folder, path);
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

test('a feature of the folder carries its scripts, options, inputs and limit', async () => {
  expect(await hello()).toMatchObject({
    needs: ['base_setup'],
    check: '#!/bin/sh\ntest -e /etc/hello\n',
    install: '#!/bin/sh\necho hello > /etc/hello\n',
    options: { greeting: 'hello', token: { reference: 'env:HELLO_TOKEN' } },
    inputs: { ports: ['8080:80'], nvidia_driver_version: '580.76.05' },
    timeoutMs: 60_000,
  });
});

describe('the digest', () => {
  test.each([
    ['the check', 'features/hello/check', 'test -e', 'test -f'],
    ['the install', 'features/hello/install', 'echo hello', 'echo hallo'],
    ['the manifest', 'features/hello/feature.json', '"default": "hello"', '"default": "hallo"'],
    ['an input of the guest', 'phoenix_lxc_configs.json', '8080:80', '8081:80'],
    ['an input of the root', 'phoenix_lxc_configs.json', '580.76.05', '580.95.05'],
    [
      'the reference of a secret',
      'phoenix_lxc_configs.json',
      '"token": { "from_env": "HELLO_TOKEN" }',
      '"token": { "from_env": "PATH_X" }',
    ],
  ])('changes with %s', async (_, path, from, to) => {
    const before = (await hello()).digest;
    await change(path, from, to);
    const { folder: loaded } = await loadFolder({
      path: folder,
      env: { HELLO_TOKEN: 'x', PATH_X: 'x' },
      cwd: folder,
      builtinFeatures,
    });
    expect(loaded?.guests.get(101)?.features.at(-1)?.digest).not.toBe(before);
  });

  test('stays with everything else', async () => {
    const before = (await hello()).digest;
    await change('phoenix_lxc_configs.json', '"memory_mb": 2048', '"memory_mb": 4096');
    await change('features/hello/feature.json', '"name": "hello",', '"name": "hello", // the same');
    expect((await hello()).digest).toBe(before);
  });
});

test("a folder of a built-in's name replaces it", async () => {
  await cp(join(folder, 'features/hello'), join(folder, 'features/base_setup'), { recursive: true });
  await writeFile(
    join(folder, 'features/base_setup/feature.json'),
    '{ "name": "base_setup", "description": "Mine." }',
  );
  const { folder: loaded } = await loadFolder({
    path: folder,
    env: { HELLO_TOKEN: 'x' },
    cwd: folder,
    builtinFeatures,
  });
  expect(loaded?.guests.get(900)?.features[0]?.install).toBe('#!/bin/sh\necho hello > /etc/hello\n');
});

test('what a feature needs comes before it', async () => {
  await change(
    'phoenix_lxc_configs.json',
    '"features": ["base_setup"]',
    '"features": [{ "name": "hello", "options": { "token": { "from_env": "HELLO_TOKEN" } } }, "base_setup"]',
  );
  const { folder: loaded, diagnostics } = await loadFolder({
    path: folder,
    env: { HELLO_TOKEN: 'x' },
    cwd: folder,
    builtinFeatures,
  });
  expect(diagnostics).toEqual([]);
  expect(loaded?.guests.get(900)?.features.map(({ name }) => name)).toEqual(['base_setup', 'hello']);
});
