import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXAMPLE } from './guests-folder.ts';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

const KILLED = 137;

/* The state that an undisturbed run reaches, without what differs from run to run. */
async function stateOf(cwd: string): Promise<unknown> {
  const { files } = JSON.parse(await readFile(join(cwd, 'node.json'), 'utf8')) as {
    readonly files: Readonly<Record<string, { readonly text?: string }>>;
  };
  const configs = Object.entries(files).filter(([path]) => path.endsWith('.conf'));
  const { stdout } = await runPhoenix('node --host twin:node.json -- pct list', { cwd });
  return {
    list: stdout,
    configs: configs.map(([path, { text = '' }]) => [path, withoutChance(text)]).sort(),
  };
}

function withoutChance(text: string): string {
  return text.replaceAll(/hwaddr=[0-9A-F:]+/g, 'hwaddr=M').replaceAll(/^snaptime: \d+$/gm, 'snaptime: T');
}

/* Kills a create at every operation in turn until there is none left to be killed at. */
async function killEverywhere(how: string): Promise<number> {
  const undisturbed = await temporaryFolder();
  await runPhoenix('create 201 --host twin:node.json', { cwd: undisturbed, files: EXAMPLE });
  const expected = await stateOf(undisturbed);
  for (let index = 0; ; index += 1) {
    const cwd = await temporaryFolder();
    const fault = `kill:${index}${how}`;
    const first = await runPhoenix(`create 201 --host twin:node.json --twin-fault ${fault}`, {
      cwd,
      files: EXAMPLE,
    });
    if (first.exitCode === 0) return index;
    expect([fault, first.exitCode]).toEqual([fault, KILLED]);
    const second = await runPhoenix('create 201 --host twin:node.json', { cwd });
    expect([fault, second.exitCode, second.stderr]).toEqual([fault, 0, expect.anything()]);
    expect([fault, await stateOf(cwd)]).toEqual([fault, expected]);
    const third = await runPhoenix('converge 201 --host twin:node.json', { cwd });
    expect([fault, third.stdout]).toEqual([fault, expect.stringMatching(/^3 unchanged\.$/m)]);
  }
}

test.each(['', ':after', ':dies=1', ':dies=6'])(
  'a plain re-run finishes what kill:N%s cut off',
  async (how) => {
    expect(await killEverywhere(how)).toBeGreaterThan(20);
  },
);
