import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { EXAMPLE, folderFiles, guest } from './guests-folder.ts';

let folder = '';
let program = '';

/* The program as a process of its own, built as the package is. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phoenix-program-'));
  program = join(folder, 'dist', 'phoenix.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/main.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'silent',
  });
  for (const [name, content] of Object.entries(EXAMPLE))
    await writeFile(join(folder, name), JSON.stringify(content));
});

afterAll(async () => await rm(folder, { recursive: true, force: true }));

function start(...words: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [program, ...words], { cwd: folder });
}

async function end(child: ChildProcessWithoutNullStreams) {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout, stderr };
}

test.each(['--version', '-V'])('%s', async (word) => {
  expect(await end(start(word))).toEqual({
    exitCode: 0,
    stdout: `phoenix ${packageJson.version}\n`,
    stderr: '',
  });
});

test('an exit code of a verb is that of the process', async () => {
  expect(await end(start('plan', 'nobody'))).toMatchObject({ exitCode: 64, stdout: '' });
});

describe('a pipe', () => {
  test('gets everything, however slowly it reads', async () => {
    const guests = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [300 + index, guest(300 + index)]),
    );
    const large = await mkdtemp(join(folder, 'large-'));
    for (const [name, content] of Object.entries(folderFiles(guests)))
      await writeFile(join(large, name), JSON.stringify(content));
    const child = start('list', '--json', '--config', large);
    child.stdout.pause();
    await new Promise((resolve) => child.stdout.once('readable', resolve));
    const { stdout, exitCode } = await end(child);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ guests: { length: 100 } });
  });
  test('that is closed ends the output and nothing else', async () => {
    const child = start('create', 'web', '--host', 'twin:closed.json', '--json');
    child.stdout.destroy();
    expect(await end(child)).toMatchObject({ exitCode: 0, stderr: '' });
    const { stdout } = await end(start('status', 'web', '--host', 'twin:closed.json'));
    expect(stdout).toContain('running');
  });
});

test('a result that has no room is a failure, and said so', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [program, 'list'], { cwd: folder, stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(/^phoenix: the result could not be written: ENOSPC/),
  ]);
});

describe('a program on the node', () => {
  test('is heard and talked to while it runs', async () => {
    const child = start('node', '--host', 'local', '--', 'sh', '-c', 'echo name?; read -r n; printf %s "$n"');
    const asked = await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve));
    expect(asked.toString()).toBe('name?\n');
    child.stdin.write('phoenix\n');
    expect(await end(child)).toEqual({ exitCode: 0, stdout: 'phoenix', stderr: '' });
  });
  test.each([
    ['local', ['echo', 'done'], 'done\n'],
    ['local', ['printf', 'a\r\nb'], 'a\r\nb'],
    ['twin', ['pct', 'exec', '101', '--', 'echo', 'done'], 'done\n'],
  ] as const)('on %s %j need not read what never ends', async (host, command, stdout) => {
    const child = start('node', '--host', host, '--', ...command);
    expect(await end(child)).toEqual({ exitCode: 0, stdout, stderr: '' });
  });
  test.each([
    ['local', 'cat'],
    ['twin', 'tee /root/note'],
  ])('on %s %s gets what is piped in', async (host, command) => {
    const child = start('node', '--host', host, '--', ...command.split(' '));
    child.stdin.end('one\ntwo');
    expect(await end(child)).toEqual({ exitCode: 0, stdout: 'one\ntwo', stderr: '' });
  });
  test('that is not there says so', async () => {
    expect(await end(start('node', '--host', 'local', '--', 'phoenix-nowhere'))).toMatchObject({
      exitCode: 127,
      stdout: '',
      stderr: expect.stringContaining('phoenix-nowhere') as string,
    });
  });
});

describe('a signal', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends what waits for a line', async (signal) => {
    const child = start('node', '--batch', '--host', 'twin');
    child.stdin.write('["pct","list"]\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill(signal);
    expect(await end(child)).toMatchObject({ exitCode: 130, stderr: '' });
  });
});
