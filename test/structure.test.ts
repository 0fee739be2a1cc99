import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

test('no source file is longer than 400 lines', () => {
  const long = sources.filter((file) => readFileSync(join('src', file), 'utf8').split('\n').length > 400);
  expect(long).toEqual([]);
});

test('file names say one thing, in kebab-case', () => {
  const vague = sources.filter(
    (file) => !/^[a-z0-9-/]+\.ts$/.test(file) || /(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)/.test(file),
  );
  expect(vague).toEqual([]);
});

test('every state that the specification names has a step of that name in a file of that name', () => {
  const states = [
    'validate_inputs',
    'ensure_container_defined',
    'apply_configurations',
    'start_container',
    'apply_features',
    'run_application_script',
    'run_health_check',
  ];
  for (const state of states) {
    const name = `${state.replaceAll('_', '-')}.ts`;
    const file = ['src/managers/lxc', 'src/managers/guest']
      .map((room) => join(room, name))
      .find((path) => existsSync(path));
    expect(readFileSync(file ?? name, 'utf8')).toContain(`'${state}'`);
  }
});
