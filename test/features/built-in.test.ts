import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runScript } from './run-script.ts';

const FEATURES = path.resolve(import.meta.dirname, '../../features');
const NAMES = readdirSync(FEATURES);

describe.each(NAMES)('the built-in feature %s', (name) => {
  const manifest = JSON.parse(readFileSync(path.join(FEATURES, name, 'feature.json'), 'utf8')) as {
    name: string;
    description: string;
    options: Record<string, { description: string }>;
  };

  test('is named as its folder and explains itself and its options', () => {
    expect(manifest.name).toBe(name);
    expect(manifest.description).toMatch(/\.$/u);
    const readme = readFileSync(path.join(FEATURES, name, 'README.md'), 'utf8');
    for (const option of Object.keys(manifest.options)) expect(readme).toContain(`\`${option}\``);
  });

  test.each(['check', 'install'])('has a program %s that a plain shell can read', (part) => {
    const file = path.join(FEATURES, name, part);
    expect(statSync(file).mode & 0o111).toBe(0o111);
    expect(readFileSync(file, 'utf8')).toMatch(/^#!\/bin\/sh\n/u);
    expect(spawnSync('sh', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test('uses no option that its manifest does not have', () => {
    for (const part of ['check', 'install']) {
      const text = readFileSync(path.join(FEATURES, name, part), 'utf8');
      const used = [...text.matchAll(/PHOENIX_OPTION_([A-Z0-9_]+)/gu)].map(([, option = '']) =>
        option.toLowerCase(),
      );
      for (const option of used) expect(Object.keys(manifest.options)).toContain(option);
    }
  });
});

describe('base_setup install refuses before it does anything', () => {
  test.each([
    [{ PHOENIX_OPTION_PACKAGES: 'curl-' }, "which is no package's name"],
    [{ PHOENIX_OPTION_PACKAGES: '-o=APT::Update::Pre-Invoke::=x' }, "which is no package's name"],
    [{ PHOENIX_OPTION_PACKAGES: '$(id)' }, "which is no package's name"],
    [{ PHOENIX_OPTION_TIMEZONE: '../../etc/passwd' }, "which is no timezone's name"],
    [{ PHOENIX_OPTION_LOCALE: 'x;id' }, "which is no locale's name"],
    [{ PHOENIX_OPTION_APT_WAIT_SECONDS: '1 -y' }, 'which is no number'],
  ])('%j', (env, said) => {
    const ran = runScript('base_setup/install', { env });
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(said);
  });
});

test('base_setup check names what is not installed', () => {
  const ran = runScript('base_setup/check', {
    env: { PHOENIX_OPTION_PACKAGES: 'dpkg no-such-package-a no-such-package-b' },
  });
  expect(ran).toMatchObject({ code: 1, stderr: 'Not installed: no-such-package-a no-such-package-b\n' });
});
