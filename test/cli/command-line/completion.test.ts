import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { verbWords } from '../../../src/cli/verbs/index.ts';
import { EXAMPLE } from '../guests-folder.ts';
import { runPhoenix } from '../run-phoenix.ts';

async function candidates(...typed: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runPhoenix(['completion', '--complete', '--', ...typed], { files: EXAMPLE });
  return stdout
    .split('\n')
    .flatMap((line) => line.split('\t')[0] ?? [])
    .filter(Boolean);
}

describe('what fits at the cursor', () => {
  const cases: readonly (readonly [typed: readonly string[], expected: readonly string[]])[] = [
    [['pl'], ['plan']],
    [['res'], ['restart']],
    [['plan', 'w'], ['web']],
    [
      ['plan', '20'],
      ['201', '202', '203'],
    ],
    [
      ['plan', 'web', 'al'],
      ['alone', 'all'],
    ],
    [['plan', 'tag:'], ['tag:spare']],
    [['plan', '--all'], ['--allow']],
    [
      ['plan', '--allow', 're'],
      ['restart', 'reboot', 'recreate'],
    ],
    [
      ['plan', '--host', ''],
      ['local', 'sandbox', 'twin'],
    ],
    [['--json', 'plan', 'dat'], ['database']],
    [['plan', '--config', ''], []],
    [['exec', 'web', ''], []],
    [['exec', 'web', '--', 'w'], []],
    [
      ['sandbox', ''],
      ['status', 'reset', 'shell'],
    ],
    [['completion', 'b'], ['bash']],
    [['schema', 'l'], ['lxc']],
    [['validate', ''], []],
    [['nonsense', 'w'], []],
  ];
  test.each(cases)('%j', async (typed, expected) => {
    expect(await candidates(...typed)).toEqual(expected);
  });
  test('all verbs, and no hidden option', async () => {
    const verbs = await candidates('');
    expect(verbs).toEqual(verbWords().filter((word) => word !== 'LetsGo'));
    for (const verb of verbs) {
      const options = await candidates(verb, '--');
      expect(options).toContain('--help');
      expect(options).not.toContain('--twin-fault');
    }
  });
  test('a broken folder offers no targets and says nothing', async () => {
    const files = { 'phoenix_lxc_configs.json': '{ "lxc_configs": ' };
    const { stdout, stderr, exitCode } = await runPhoenix('completion --complete -- plan w', { files });
    expect([stdout, stderr, exitCode]).toEqual(['', '', 0]);
  });
});

test('the script is bash', async () => {
  const { stdout } = await runPhoenix('completion bash');
  const checked = await promisify(execFile)('bash', ['-n', '-c', stdout]);
  expect(checked).toEqual({ stdout: '', stderr: '' });
});

test.each(['completion', 'completion tcsh'])('"%s" asks for a shell', async (words) => {
  expect((await runPhoenix(words)).exitCode).toBe(64);
});
