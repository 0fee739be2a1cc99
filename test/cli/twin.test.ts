import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXAMPLE, folderFiles, guest } from './guests-folder.ts';
import { runPhoenix, temporaryFolder, type RunOutcome } from './run-phoenix.ts';

/* What is on the node, by asking the node itself. */
async function pctList(cwd: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await runPhoenix('node --host twin:node.json -- pct list', { cwd });
  const rows = stdout.trim().split('\n').slice(1);
  return Object.fromEntries(rows.map((row) => row.trim().split(/\s+/)).map(([id, state]) => [id, state]));
}

async function started(...commandLines: readonly string[]): Promise<{ cwd: string; last: RunOutcome }> {
  const cwd = await temporaryFolder();
  let last = await runPhoenix('list', { cwd, files: EXAMPLE });
  for (const commandLine of commandLines)
    last = await runPhoenix(`${commandLine} --host twin:node.json`, { cwd });
  return { cwd, last };
}

describe('create', () => {
  test('makes the target and what it needs, and a second time nothing', async () => {
    const { cwd, last } = await started('create 201');
    expect(last).toMatchObject({ exitCode: 0 });
    expect(await pctList(cwd)).toEqual({
      100: 'running',
      101: 'running',
      201: 'running',
      202: 'running',
      900: 'stopped',
    });
    const file = join(cwd, 'node.json');
    const before = await readFile(file, 'utf8');
    const second = await runPhoenix('create 201 --host twin:node.json', { cwd });
    expect(second).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 unchanged.') as string });
    expect(configsOf(await readFile(file, 'utf8'))).toEqual(configsOf(before));
  });
  test('leaves alone what is needed and there', async () => {
    const { cwd } = await started('create 202', 'node -- pct set 202 --memory 600');
    await runPhoenix('node --host twin:node.json -- pct set 202 --memory 600', { cwd });
    await runPhoenix('create 201 --host twin:node.json', { cwd });
    const { stdout } = await runPhoenix('node --host twin:node.json -- pct config 202', { cwd });
    expect(stdout).toContain('memory: 600');
  });
  test('goes on with what an earlier run left half done', async () => {
    const { cwd } = await started('create 202');
    await runPhoenix('node --host twin:node.json -- pct stop 202', { cwd });
    await runPhoenix('create 201 --host twin:node.json', { cwd });
    expect(await pctList(cwd)).toMatchObject({ 201: 'running', 202: 'running' });
  });
  test.each(['201; rm -rf /', '$(touch x)', '../201', '--', '201\n202'])('%j does nothing', async (word) => {
    const { exitCode, stdout } = await runPhoenix(['create', '203', '--host', 'twin', '--', word], {
      files: EXAMPLE,
    });
    expect([exitCode, stdout]).toEqual([64, '']);
  });
});

describe('plan', () => {
  test('prints what would be done and does nothing', async () => {
    const { cwd, last } = await started('plan 203');
    expect(last.exitCode).toBe(0);
    expect(last.stdout).toContain('pct create 203 ');
    expect(await pctList(cwd)).toEqual({ 100: 'running', 101: 'running' });
  });
  test('--exit-code tells whether there is anything to do', async () => {
    const { last, cwd } = await started('plan 203 --exit-code');
    expect(last.exitCode).toBe(2);
    await runPhoenix('create 203 --host twin:node.json', { cwd });
    expect((await runPhoenix('plan 203 --exit-code --host twin:node.json', { cwd })).exitCode).toBe(0);
  });
  test('plans what is then run, word for word', async () => {
    const { cwd } = await started();
    const planned = JSON.parse(
      (await runPhoenix('plan all --json --host twin:node.json', { cwd })).stdout,
    ) as Document;
    const lines = (await runPhoenix('converge all --json --host twin:node.json', { cwd })).stdout.trim();
    const events = lines.split('\n').map((line) => JSON.parse(line) as Event);
    const run = events.filter(({ event, operation }) => event === 'operation-start' && !isProbe(operation));
    for (const { target, operations } of planned.targets)
      expect(
        commands(run.flatMap((event) => (event.target === target ? (event.operation ?? []) : []))),
      ).toEqual(commands(operations));
    expect(planned.targets.map(({ target }) => target)).toEqual([900, 202, 201, 203]);
    expect(events.at(-1)).toMatchObject({ event: 'run-end', exitCode: 0 });
  });
});

type Operation = { readonly op: string; readonly command: string };
type Document = {
  readonly targets: readonly { readonly target: number; readonly operations: readonly Operation[] }[];
};
type Event = { readonly event: string; readonly target?: number; readonly operation?: Operation };

function isProbe(operation: Operation | undefined): boolean {
  return operation?.op === 'check' || operation?.op === 'wait';
}

/* What the node invents is a fill in a plan, and filled in a run. */
function commands(operations: readonly Operation[]): readonly string[] {
  return operations.map(({ command }) =>
    command
      .replaceAll("'", '')
      .replace(/hwaddr=(BC:24:11:[0-9A-F:]+|<mac of net\d>)/, 'hwaddr=M')
      .replace(/--digest (<digest of \d+>|[0-9a-f]{40})/, '--digest D'),
  );
}

function configsOf(world: string): unknown {
  const { files } = JSON.parse(world) as {
    readonly files: Readonly<Record<string, { readonly text?: string }>>;
  };
  return Object.entries(files)
    .filter(([path]) => path.endsWith('.conf'))
    .map(([path, { text }]) => [path, text]);
}

describe('run states', () => {
  test('start starts what is required first, stop takes the target alone', async () => {
    const { cwd } = await started('create 201', 'stop 201 202');
    expect(await pctList(cwd)).toMatchObject({ 201: 'stopped', 202: 'stopped' });
    await runPhoenix('start web --host twin:node.json', { cwd });
    expect(await pctList(cwd)).toMatchObject({ 201: 'running', 202: 'running', 900: 'stopped' });
    await runPhoenix('stop database --host twin:node.json', { cwd });
    expect(await pctList(cwd)).toMatchObject({ 201: 'running', 202: 'stopped' });
  });
  test('stop --with-dependents goes in reverse order', async () => {
    const { last, cwd } = await started('create 201', 'stop database --with-dependents --json');
    expect(await pctList(cwd)).toMatchObject({ 201: 'stopped', 202: 'stopped' });
    const ends = last.stdout.split('\n').filter((line) => line.includes('"target-end"'));
    expect(ends.map((line) => (JSON.parse(line) as Event).target)).toEqual([201, 202]);
  });
  test('a template is never started, and the rest is', async () => {
    const { last, cwd } = await started('create 201 203', 'stop 203', 'start golden 203');
    expect(last).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('A template is never started') as string,
    });
    expect(await pctList(cwd)).toMatchObject({ 900: 'stopped', 203: 'running' });
  });
  test('restart applies what waits for it', async () => {
    const { cwd } = await started('create 203');
    const command = async (words: string) =>
      await runPhoenix(`node --host twin:node.json -- ${words}`, { cwd });
    await command('pct set 203 --features nesting=1');
    expect((await command('pct pending 203')).stdout).toContain('new features');
    expect((await runPhoenix('status 203 --host twin:node.json', { cwd })).stdout).toContain(
      'waits for a restart',
    );
    await runPhoenix('restart 203 --host twin:node.json', { cwd });
    expect((await command('pct config 203')).stdout).toContain('nesting=1');
    expect(await pctList(cwd)).toMatchObject({ 203: 'running' });
  });
  test('up converges the targets, then starts every start_at_boot guest', async () => {
    const { cwd } = await started('create 201', 'stop all', 'LetsGo 203');
    expect(await pctList(cwd)).toMatchObject({
      201: 'running',
      202: 'running',
      203: 'running',
      900: 'stopped',
    });
  });
  test('a timeout must be one', async () => {
    expect((await runPhoenix('stop 201 --timeout soon --host twin', { files: EXAMPLE })).exitCode).toBe(64);
  });
});

describe('delete', () => {
  test('without a yes it does nothing', async () => {
    const { last, cwd } = await started('create 203', 'delete 203');
    expect(last).toMatchObject({ exitCode: 3, stdout: '' });
    expect(await pctList(cwd)).toMatchObject({ 203: 'running' });
  });
  test('deletes the targets alone', async () => {
    const { last, cwd } = await started('create 203 202', 'delete 203 --yes');
    expect(last.exitCode).toBe(0);
    expect(Object.keys(await pctList(cwd))).toEqual(['100', '101', '202']);
  });
  test('is refused while something depends on it, unless --cascade', async () => {
    const { last, cwd } = await started('create 201', 'delete database --yes');
    expect(last).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('201 web depends on it') as string,
    });
    expect(await pctList(cwd)).toMatchObject({ 201: 'running', 202: 'running' });
    await runPhoenix('delete database --yes --cascade --host twin:node.json', { cwd });
    expect(Object.keys(await pctList(cwd))).toEqual(['100', '101', '900']);
  });
  test('with --cascade takes nothing where what was named may not go', async () => {
    const { cwd } = await started('create 201');
    await runPhoenix('node --host twin:node.json -- pct set 202 --protection 1', { cwd });
    const last = await runPhoenix('delete database --yes --cascade --host twin:node.json', { cwd });
    expect(last).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('202 is protected; nothing was deleted') as string,
    });
    expect(await pctList(cwd)).toMatchObject({ 201: 'running', 202: 'running' });
  });
  test('is refused while a declared clone of a template is there', async () => {
    const cwd = await temporaryFolder();
    const files = folderFiles({
      900: guest(900, { name: 'golden', is_template: true }),
      201: guest(201, { name: 'web', template: undefined, clone_from_ctid: '900' }),
    });
    await runPhoenix('create web --host twin:node.json', { cwd, files });
    const { exitCode, stderr } = await runPhoenix('delete golden --yes --host twin:node.json', { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('201 web is a linked clone of it');
    expect(await pctList(cwd)).toMatchObject({ 900: 'stopped', 201: 'running' });
  });
  test.each([
    ['203', 'it is not on the node', '203 alone is declared and not made'],
    ['7777', 'it is not on the node', '[cli/nothing-to-delete]'],
  ])('of %s, which is not there, says so and is done', async (id, ...says) => {
    const { last, cwd } = await started(`delete ${id} --yes`);
    expect(last.exitCode).toBe(0);
    for (const text of says) expect(last.stderr).toContain(text);
    expect(Object.keys(await pctList(cwd))).toEqual(['100', '101']);
  });
  test('what the folder does not declare stays, with everything beside it', async () => {
    const { last, cwd } = await started('create 203', 'delete 203 101 --yes');
    expect(last).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('pct destroy 101') as string });
    expect(Object.keys(await pctList(cwd))).toEqual(['100', '101', '203']);
  });
  test('someone else’s guest stays', async () => {
    const files = folderFiles({ 101: guest(101) });
    const { exitCode } = await runPhoenix('delete 101 --yes --host twin', { files });
    expect(exitCode).toBe(1);
  });
  test('--dry-run shows it and does nothing', async () => {
    const { last, cwd } = await started('create 203', 'delete 203 --dry-run');
    expect(last).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('pct destroy 203') as string });
    expect(await pctList(cwd)).toMatchObject({ 203: 'running' });
  });
});
