import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXAMPLE, folderFiles, guest } from './guests-folder.ts';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

async function place(files: Readonly<Record<string, unknown>> = EXAMPLE) {
  const cwd = await temporaryFolder();
  const phoenix = (commandLine: string, changed: Readonly<Record<string, unknown>> = {}) =>
    runPhoenix(`${commandLine} --host twin:node.json`, { cwd, files: changed });
  const pct = async (words: string) =>
    (await runPhoenix(`node --host twin:node.json -- pct ${words}`, { cwd })).stdout;
  await phoenix('list', files);
  return { cwd, phoenix, pct };
}

describe('plan --out and apply', () => {
  test('what was planned is what is done', async () => {
    const { cwd, phoenix, pct } = await place();
    expect(await phoenix('plan 203 --out plan.json')).toMatchObject({ exitCode: 0 });
    expect((await stat(join(cwd, 'plan.json'))).mode & 0o777).toBe(0o600);
    expect(await pct('list')).not.toMatch(/^203/mu);
    expect(await phoenix('apply plan.json')).toMatchObject({ exitCode: 0 });
    expect(await pct('list')).toMatch(/^203 +running/mu);
    expect(await pct('config 203')).toContain('memory: 512');
  });

  test('an apply of what is all done already does nothing and is well', async () => {
    const { phoenix } = await place();
    await phoenix('plan 203 --out plan.json');
    await phoenix('apply plan.json');
    expect(await phoenix('apply plan.json')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 unchanged.') as string,
    });
  });

  test('an apply that was killed is finished by the same command', async () => {
    const { phoenix, pct } = await place();
    await phoenix('plan 203 --out plan.json');
    const killed = await phoenix('apply plan.json --twin-fault kill:2');
    expect(killed.exitCode).toBe(137);
    expect(await pct('list')).not.toMatch(/^203 +running/mu);
    expect(await phoenix('apply plan.json')).toMatchObject({ exitCode: 0 });
    expect(await pct('list')).toMatch(/^203 +running/mu);
  });

  test('the consent of the plan is the consent of its apply, and no more', async () => {
    const { phoenix, pct } = await place();
    await phoenix('create 203');
    const changed = folderFiles({ 203: guest(203, { name: 'alone', tags: ['spare'], timezone: 'UTC' }) });
    await phoenix('plan 203 --out without.json', changed);
    expect(await phoenix('apply without.json')).toMatchObject({ exitCode: 3 });
    expect(await pct('pending 203')).toContain('new timezone: UTC');
    await phoenix('plan 203 --allow restart --out with.json');
    expect(await phoenix('apply with.json')).toMatchObject({ exitCode: 0 });
    expect(await pct('pending 203')).toContain('cur timezone: UTC');
  });

  test.each([
    ['the node', 'set 203 --memory 777', {}, 'memory: was planned as 512 -> 600, and is now 777 -> 600'],
    [
      'the folder',
      undefined,
      folderFiles({ 203: guest(203, { name: 'alone', tags: ['spare'], memory_mb: 700 }) }),
      'memory: was planned as 512 -> 600, and is now 512 -> 700',
    ],
    [
      'what there is to do',
      'set 203 --tags other',
      {},
      'tags: other -> spare would be done now, and is not in the plan',
    ],
  ])('stops before anything where %s changed, and says what', async (_, byHand, files, said) => {
    const { phoenix, pct } = await place();
    await phoenix('create 203');
    const wanted = folderFiles({ 203: guest(203, { name: 'alone', tags: ['spare'], memory_mb: 600 }) });
    await phoenix('plan 203 --out plan.json', wanted);
    if (byHand !== undefined) await pct(byHand);
    const before = await pct('config 203');
    const { exitCode, stderr } = await phoenix('apply plan.json', files);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(said);
    expect(await pct('config 203')).toBe(before);
  });

  test('no secret reaches the file', async () => {
    const { cwd, phoenix } = await place();
    const files = folderFiles({
      203: guest(203, {
        application_script: 'hello.sh',
        application_script_env: { TOKEN: { from_file: 'token' } },
      }),
    });
    await phoenix('plan 203 --out plan.json', {
      ...files,
      token: 'canary-5150\n',
      'scripts/hello.sh': '#!/bin/sh\n',
    });
    const text = await readFile(join(cwd, 'plan.json'), 'utf8');
    expect(text).toContain('file:token');
    expect(text).not.toContain('canary-5150');
  });

  test.each([
    ['no file', undefined, 'ENOENT'],
    ['no JSON', 'hello', 'JSON'],
    ['another document', '{"exitCode":0}', 'phoenix_plan'],
    [
      'a broken target',
      '{"phoenix_plan":1,"folder_id":"phoenix","words":[],"allow":[],"adopt":false,"targets":[{}]}',
      'targets.0.target',
    ],
  ])('%s is refused with its place', async (_, text, said) => {
    const { cwd, phoenix } = await place();
    if (text !== undefined) await writeFile(join(cwd, 'plan.json'), text);
    const { exitCode, stderr } = await phoenix('apply plan.json');
    expect(exitCode).toBe(65);
    expect(stderr).toContain(said);
  });

  test("another folder's plan is refused", async () => {
    const { phoenix, pct } = await place();
    await phoenix('plan 203 --out plan.json');
    const { exitCode, stderr } = await phoenix('apply plan.json', {
      'phoenix_hypervisor_config.json': { folder_id: 'other' },
    });
    expect([exitCode, stderr]).toEqual([65, expect.stringContaining('phoenix, and this folder is other')]);
    expect(await pct('list')).not.toMatch(/^203/mu);
  });
});
