import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { loadAllVerbs, verbWords } from '../../src/cli/verbs/index.ts';
import { EXAMPLE, folderFiles, guest } from './guests-folder.ts';
import { runPhoenix, temporaryFolder } from './run-phoenix.ts';

describe('exit codes of what can not be done', () => {
  const cases: readonly (readonly [commandLine: string, exitCode: number, says: string])[] = [
    ['paln 101', 64, 'Did you mean "phoenix plan"?'],
    ['plan 101 --jsno', 64, 'Did you mean --json?'],
    ['create', 64, 'needs <targets...>'],
    ['plan wbe --host twin', 64, 'Did you mean web?'],
    ['plan --host moon', 64, 'Unknown host "moon"'],
    ['plan --host ssh://-oProxyCommand=x', 64, 'is no address for SSH'],
    ['plan --host root@-x', 64, 'is no address for SSH'],
    ['plan all', 69, 'This machine is no Proxmox VE host'],
    ['setup', 69, 'This machine is no Proxmox VE host'],
    ['setup ZFS --host twin', 64, 'Unknown step "ZFS"'],
    ['setup --host sandbox', 1, 'A sandbox is no host that could be set up'],
    ['converge hypervisor --host sandbox', 1, 'A sandbox is no host that could be set up'],
    ['node --host twin', 64, 'No command was given'],
    ['exec web --host twin', 64, 'No command was given'],
    ['exec all --host twin -- true', 64, 'A command runs in one guest'],
    ['plan --host twin --twin-fault melt:1', 64, 'does not take "melt:1"'],
    ['sandbox explode', 64, 'does not know "explode"'],
  ];
  test.each(cases)('phoenix %s', async (commandLine, exitCode, says) => {
    const outcome = await runPhoenix(commandLine, { files: EXAMPLE });
    expect([outcome.exitCode, outcome.stdout]).toEqual([exitCode, '']);
    expect(outcome.stderr.replaceAll(/\n│ /g, ' ')).toContain(says);
  });
  test('a verb for guests refuses the host, and does the rest', async () => {
    const files = {
      ...EXAMPLE,
      'phoenix_vm_configs.json': { vms: [{ vmid: 301, name: 'desktop', template_image: 'noble.img' }] },
    };
    const cwd = await temporaryFolder();
    const named = await runPhoenix('create alone 301 hypervisor --host twin:n.json --json', { cwd, files });
    expect(named.exitCode).toBe(1);
    const ends = named.stdout.split('\n').filter((line) => line.includes('"target-end"'));
    const results = ends.map(
      (line) => JSON.parse(line) as { readonly target: unknown; readonly result: string },
    );
    expect(new Map(results.map(({ target, result }) => [target, result]))).toEqual(
      new Map<unknown, string>([
        [203, 'changed'],
        [301, 'changed'],
        ['node', 'failed'],
      ]),
    );
  });
  test('converging the host sets it up', async () => {
    const outcome = await runPhoenix('converge hypervisor --host twin --json', { files: EXAMPLE });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stdout).toContain('phoenix-pve-no-subscription.sources');
  });
  test('as JSON they stand on stdout', async () => {
    const { stdout, stderr } = await runPhoenix('plan wbe --json', { files: EXAMPLE });
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 64, diagnostics: [{ code: 'cli/unknown-target' }] });
    expect(stderr).toBe('');
  });
  test('nothing at all shows the help and fails', async () => {
    const { exitCode, stderr, stdout } = await runPhoenix('');
    expect([exitCode, stdout]).toEqual([64, '']);
    expect(stderr).toContain('Usage:');
  });
});

describe('a bug', () => {
  test('ends with 70, says how to report it, and shows no stack trace', async () => {
    const { exitCode, stderr } = await runPhoenix('node --batch --host twin', { io: broken() });
    expect(exitCode).toBe(70);
    expect(stderr).toContain('nothing was foreseen');
    expect(stderr).toContain('Please report it');
    expect(stderr).not.toContain('    at ');
  });
  test.each([
    ['--verbose', {}],
    ['--json', { PHOENIX_DEBUG: '1' }],
  ])('%s with %j shows one', async (word, env) => {
    const { stderr } = await runPhoenix(`node --batch --host twin ${word}`, { io: broken(), env });
    expect(stderr).toContain('    at ');
  });
});

function broken(): Partial<Io> {
  const lines = (): never => {
    throw new TypeError('nothing was foreseen');
  };
  return { stdin: { isTerminal: false, isPiped: false, chunks: () => process.stdin, lines } };
}

describe('help', () => {
  test('names every verb', async () => {
    const { exitCode, stdout } = await runPhoenix('--help');
    expect(exitCode).toBe(0);
    for (const word of verbWords())
      if (word !== 'LetsGo') expect(stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
  });
  test('of every verb fits into 92 columns and has its options', async () => {
    for (const verb of await loadAllVerbs()) {
      const { exitCode, stdout } = await runPhoenix([verb.name, '--help']);
      expect([verb.name, exitCode]).toEqual([verb.name, 0]);
      expect(stdout).toContain(`phoenix ${verb.name}`);
      for (const { name, isHidden } of verb.options)
        expect(stdout.includes(`--${name}`)).toBe(isHidden !== true);
      expect(stdout.split('\n').filter((line) => line.length > 92)).toEqual([]);
    }
  });
  test.each(['help plan', 'plan --help', 'plan -h', '--help plan'])('phoenix %s', async (commandLine) => {
    expect((await runPhoenix(commandLine)).stdout).toContain('phoenix plan [targets...]');
  });
  test('an alias runs its verb', async () => {
    expect((await runPhoenix('LetsGo --help')).stdout).toContain('phoenix up ');
  });
});

describe('phoenix node', () => {
  test('gives the exit code and the output of the command', async () => {
    const outcome = await runPhoenix('node --host twin -- pct config 999');
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toContain("Configuration file 'nodes/vm/lxc/999.conf' does not exist");
  });
  test('--batch answers line by line, and the state lives on', async () => {
    const lines = [
      '["pct","set","101","--memory","640"]',
      '',
      '{"argv":["tee","/root/note"],"stdin":"one\\n"}',
      '{"argv":["tee","-a","/root/note"],"stdin":"two\\n"}',
      '["cat","/root/note"]',
      '["pct","config","101"]',
      'not json',
      '{"argv":"pct list"}',
      '["nosuch"]',
    ];
    const { exitCode, stdout } = await runPhoenix('node --batch --host twin', { stdin: lines.join('\n') });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(answers).toMatchObject([
      { rc: 0, stdout: '', stderr: '' },
      { rc: 0, stdout: 'one\n' },
      { rc: 0, stdout: 'two\n' },
      { rc: 0, stdout: 'one\ntwo\n' },
      { rc: 0, stdout: expect.stringContaining('memory: 640') as string },
      { rc: 64 },
      { rc: 64 },
      { rc: 127 },
    ]);
    expect(exitCode).toBe(64);
  });
  test('a fresh twin is the node of the recordings', async () => {
    const { stdout } = await runPhoenix('node --host twin -- pct list');
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });
  test('or the one that world.json describes', async () => {
    const cwd = await temporaryFolder();
    await runPhoenix('node --host twin:world.json -- pct destroy 101 --force 1', { cwd });
    const { stdout } = await runPhoenix('node --host twin -- pct list', { cwd });
    expect(stdout).not.toContain('ct101');
  });
  test.each(['[]', '{', '{"files": 1}'])('a file of %s is no twin', async (text) => {
    const outcome = await runPhoenix('node --host twin:t.json -- pct list', { files: { 't.json': text } });
    expect([outcome.exitCode, outcome.stdout]).toEqual([65, '']);
  });
});

describe('phoenix exec', () => {
  test('gives the exit code of the command', async () => {
    const cwd = await temporaryFolder();
    await runPhoenix('create alone --host twin:n.json', { cwd, files: EXAMPLE });
    const run = async (command: string) =>
      await runPhoenix(`exec alone --host twin:n.json -- ${command}`, { cwd });
    expect(await run('echo --help')).toMatchObject({ exitCode: 0, stdout: '--help\n' });
    expect(await run('sh -c "exit 7"')).toMatchObject({ exitCode: 7 });
  });
});

describe('without a configuration folder', () => {
  test.each([
    ['status', 'not declared'],
    ['status 101', '101'],
    ['node -- pct list', '101'],
    ['exec 101 -- echo hello', 'hello'],
  ])('phoenix %s works on what the node has', async (commandLine, says) => {
    const outcome = await runPhoenix(commandLine.replace(/^\w+/, '$& --host twin'));
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain(says);
  });
  test.each([
    ['exec web --host twin -- true', 64, 'name a guest by its id'],
    ['exec 101 --host twin --config nowhere -- true', 65, 'cannot be read'],
    ['status --host twin --config nowhere', 65, 'cannot be read'],
    ['plan --host twin', 65, 'No configuration folder was found'],
  ])('phoenix %s does not', async (commandLine, exitCode, says) => {
    const outcome = await runPhoenix(commandLine);
    expect([outcome.exitCode, outcome.stdout]).toEqual([exitCode, '']);
    expect(outcome.stderr.replaceAll(/\n│ /g, ' ')).toContain(says);
  });
});

describe('consent', () => {
  const before = folderFiles({ 203: guest(203) });
  const after = folderFiles({ 203: guest(203, { memory_mb: 700, pct_options: ['nesting=1'] }) });
  async function changed(...words: readonly string[]) {
    const cwd = await temporaryFolder();
    await runPhoenix('create 203 --host twin:n.json', { cwd, files: before });
    const outcome = await runPhoenix(['converge', '203', '--host', 'twin:n.json', ...words], {
      cwd,
      files: after,
    });
    const { stdout } = await runPhoenix('node --host twin:n.json -- pct pending 203', { cwd });
    return { ...outcome, pending: stdout, world: await readFile(join(cwd, 'n.json'), 'utf8') };
  }
  test('what nobody notices is done, a restart is left', async () => {
    const { exitCode, pending, stdout } = await changed();
    expect(exitCode).toBe(3);
    expect(stdout).toContain('--allow restart');
    expect(pending).toMatch(/cur memory: 700/);
    expect(pending).toMatch(/new features: nesting=1/);
  });
  test('--yes is no consent to a restart', async () => {
    expect((await changed('--yes')).exitCode).toBe(3);
  });
  test('--allow restart is', async () => {
    const { exitCode, pending } = await changed('--allow', 'restart');
    expect(exitCode).toBe(0);
    expect(pending).toMatch(/cur features: nesting=1/);
  });
  test('another effect is not', async () => {
    expect((await changed('--allow', 'reboot,detaches-volume')).exitCode).toBe(3);
  });
});

test('someone else’s guest is refused, and taken over with --adopt', async () => {
  const cwd = await temporaryFolder();
  const files = folderFiles({ 101: guest(101, { unprivileged: false }) });
  const refused = await runPhoenix('create 101 --host twin:n.json', { cwd, files });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('--adopt');
  const planned = await runPhoenix('plan 101 --adopt --host twin:n.json', { cwd });
  expect(planned.stdout).toContain('pct set 101');
});

test('status shows what is declared and what is not', async () => {
  const cwd = await temporaryFolder();
  await runPhoenix('create alone --host twin:n.json', { cwd, files: EXAMPLE });
  const { stdout } = await runPhoenix('status --json --host twin:n.json', { cwd });
  const { guests } = JSON.parse(stdout) as { readonly guests: readonly { readonly vmid: number }[] };
  expect(Object.fromEntries(guests.map(({ vmid, ...rest }) => [vmid, rest]))).toMatchObject({
    101: { state: 'running', isDeclared: false, isOurs: false, notes: ['not declared'] },
    201: { state: 'absent', isDeclared: true },
    203: { state: 'running', isDeclared: true, isOurs: true, notes: [], name: 'alone' },
    210: { state: 'stopped', kind: 'vm', name: 'web210' },
  });
  const one = await runPhoenix('status 101 alone --host twin:n.json', { cwd });
  expect(one.stdout.trim().split('\n')).toHaveLength(3);
  expect((await runPhoenix('status 999 --host twin:n.json', { cwd })).exitCode).toBe(64);
});

test('health-check asks and changes nothing', async () => {
  const cwd = await temporaryFolder();
  const files = folderFiles({
    203: guest(203, { health_check: { command: 'true', retries: 1, interval: 1 } }),
  });
  await runPhoenix('create 203 --host twin:n.json', { cwd, files });
  const well = await runPhoenix('health-check --host twin:n.json', { cwd });
  expect(well.exitCode).toBe(0);
  await runPhoenix('node --host twin:n.json -- pct stop 203', { cwd });
  const stopped = await runPhoenix('health-check --host twin:n.json', { cwd });
  expect(stopped.exitCode).toBe(1);
});
