import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation, PveOperation } from '../../src/model/operation.ts';
import { Secret } from '../../src/model/value.ts';
import { localNode } from '../../src/node/index.ts';
import { maskOf } from '../../src/node/mask.ts';
import { runProcess } from '../../src/node/process.ts';
import { packTar } from '../../src/node/tar.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-local-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMMON = { target: 101, step: 'test', changes: [], gates: [] } as const;

/** A command of this name first on PATH, and an environment that finds it. */
function command(name: string, text: string): { readonly PATH: string } {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
  return { PATH: `${folder}:/usr/sbin:/usr/bin:/sbin:/bin` };
}

describe('a call of Proxmox', () => {
  const set: PveOperation = {
    ...COMMON,
    op: 'pve',
    call: 'pct set',
    vmid: 101,
    params: { hostname: 'a b', description: "$(touch x) '\n", onboot: true, memory: 512 },
  };

  test('is exactly these words', async () => {
    const seen = join(folder, 'argv');
    const env = command('pct', `#!/bin/sh\nprintf '%s\\0' "$@" >'${seen}'\n`);
    expect(await localNode({ env }).run(set, {})).toMatchObject({ kind: 'done' });
    expect(readFileSync(seen, 'utf8').split('\0')).toEqual([
      'set',
      '101',
      '--hostname',
      'a b',
      '--description',
      "$(touch x) '\n",
      '--onboot',
      '1',
      '--memory',
      '512',
      '',
    ]);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  test('goes through the command that enters a sandbox', async () => {
    const env = command('pct', '#!/bin/sh\necho "entered by $BY"\n');
    const outcome = await localNode({ env, spawnPrefix: ['env', 'BY=prefix'] }).run(set, {});
    expect(outcome.stdout).toBe('entered by prefix\n');
  });

  test('is judged by its message', async () => {
    const env = command('pct', '#!/bin/sh\necho "CT is locked (backup)" >&2\nexit 255\n');
    expect(await localNode({ env }).run(set, {})).toMatchObject({
      exitCode: 255,
      kind: 'busy',
      diagnostic: { code: 'pve/guest-locked' },
    });
  });

  test('is left to its end when aborted', async () => {
    const env = command('pct', '#!/bin/sh\necho begun\nsleep 0.3\necho ended\n');
    const stop = new AbortController();
    const outcome = await localNode({ env }).run(set, {
      signal: stop.signal,
      onOutput: ({ text }) => text === 'begun' && stop.abort(),
    });
    expect(outcome).toMatchObject({ kind: 'done', stdout: 'begun\nended\n' });
  });

  test('is refused where there is no Proxmox', async () => {
    const outcome = await localNode({ env: { PATH: '/nowhere' } }).run(set, {});
    expect(outcome).toMatchObject({ kind: 'refused', diagnostic: { code: 'node/program-missing' } });
  });

  test('is refused where a secret would stand on the command line', async () => {
    const seen = join(folder, 'never');
    const env = command('pct', `#!/bin/sh\ntouch '${seen}'\n`);
    const params = { password: new Secret('env:X', () => 'hunter2') };
    const outcome = await localNode({ env }).run({ ...set, params }, {});
    expect(outcome).toMatchObject({ kind: 'refused', diagnostic: { code: 'node/cannot-render' } });
    expect(existsSync(seen)).toBe(false);
  });
});

describe('a container', () => {
  test('is entered by lxc-attach with nothing of our environment and nothing of a script on the command line', async () => {
    const seen = join(folder, 'attach');
    const env = command('lxc-attach', `#!/bin/sh\nprintf '%s\\0' "$@" >'${seen}'\ncat >/dev/null\n`);
    const operation: Operation = {
      ...COMMON,
      op: 'exec',
      in: 101,
      script: { name: 'site', content: 'CONTENT', inputs: { a: 'given' }, args: ['an argument'] },
      env: { TOKEN: new Secret('env:X', () => 'hunter2') },
      timeoutMs: 1500,
    };
    await localNode({ env }).run(operation, {});
    const words = readFileSync(seen, 'utf8').split('\0');
    expect(words.slice(0, 6)).toEqual(['-n', '101', '--clear-env', '--', '/bin/sh', '-c']);
    expect(words.slice(9)).toEqual([
      'lock',
      '2',
      '/bin/sh',
      `/run/phoenix/${words[8]}/site`,
      'an argument',
      '',
    ]);
    expect(words.join()).not.toMatch(/CONTENT|given|hunter2|TOKEN/);
  });

  test('gets a file by stdin', async () => {
    const seen = join(folder, 'attach');
    const env = command('lxc-attach', `#!/bin/sh\nprintf '%s\\0' "$@" >'${seen}'\ncat >>'${seen}'\n`);
    const operation: Operation = {
      ...COMMON,
      op: 'write',
      in: 101,
      path: '/a b/$c',
      content: 'TEXT\n',
      mode: 0o640,
    };
    expect(await localNode({ env }).run(operation, {})).toMatchObject({ kind: 'done' });
    expect(readFileSync(seen, 'utf8').split('\0').slice(-3)).toEqual(['/a b/$c', '640', 'TEXT\n']);
  });

  test.each(['init', 'network'] as const)('is waited for (%s) by one process', async (state) => {
    const seen = join(folder, 'count');
    const env = command('lxc-attach', `#!/bin/sh\necho >>'${seen}'\n`);
    rmSync(seen, { force: true });
    const wait: Operation = { ...COMMON, op: 'wait', in: 101, for: state, timeoutMs: 1000 };
    expect(await localNode({ env }).run(wait, {})).toMatchObject({ kind: 'done' });
    expect(readFileSync(seen, 'utf8')).toBe('\n');
  });

  test.each(['agent', 'cloud-init'] as const)('has no %s to wait for', async (state) => {
    const wait: Operation = { ...COMMON, op: 'wait', in: 101, for: state, timeoutMs: 1000 };
    expect(await localNode().run(wait, {})).toMatchObject({
      kind: 'refused',
      diagnostic: { code: 'node/unsupported-wait' },
    });
  });

  test('that does not start is not waited for for ever', async () => {
    const wait: Operation = { ...COMMON, op: 'wait', in: 999_999_899, for: 'running', timeoutMs: 500 };
    expect(await localNode().run(wait, {})).toMatchObject({
      kind: 'lost',
      diagnostic: { code: 'node/timeout' },
    });
    expect(await localNode().run({ ...wait, for: 'stopped' }, {})).toMatchObject({ kind: 'done' });
    expect(await localNode().run({ ...wait, for: 'task' }, {})).toMatchObject({ kind: 'done' });
  });
});

describe('runProcess', () => {
  test.each([
    [
      ['sh', '-c', 'echo out; echo err >&2; exit 7'],
      { rc: 7, stdout: 'out\n', stderr: 'err\n', ended: 'exit' },
    ],
    [['sh', '-c', 'kill -9 $$'], { rc: null, stdout: '', stderr: '', ended: 'killed' }],
    [['cat'], { rc: 0, stdout: '', stderr: '', ended: 'exit' }],
  ])('%j', async (argv, expected) => {
    expect(await runProcess(argv)).toEqual(expected);
  });

  test.each([['/no/such/program'], ['true', 'nul\0'], ['true', 'x'.repeat(200_000)]])(
    'does not throw for what cannot be started',
    async (...argv) => {
      expect(await runProcess(argv)).toMatchObject({ rc: null, ended: 'missing' });
    },
  );

  test('hands on lines as a terminal shows them', async () => {
    const lines: string[] = [];
    await runProcess(['printf', 'a\r\n10%%\r20%%\r\nend'], { onLine: ({ text }) => lines.push(text) });
    expect(lines).toEqual(['a', '20%', 'end']);
  });

  test('keeps the end of a long output', async () => {
    const { stdout } = await runProcess(['seq', '100000'], { keep: 1000 });
    expect(stdout).toHaveLength(1000);
    expect(stdout.endsWith('99999\n100000\n')).toBe(true);
  });

  test('does not mind a program that does not read what it is given', async () => {
    expect(await runProcess(['true'], { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ rc: 0 });
  });
});

describe('maskOf', () => {
  const secret = (text: string): Secret => new Secret('env:X', () => text);

  test.each([
    ['as it is', 'p4ss "wörd"', (text: string) => text],
    ['as JSON', 'p4ss "wörd"', (text: string) => JSON.stringify(text)],
    ['as a URL', 'p4ss "wörd"', encodeURIComponent],
    ['in base64', 'p4ss "wörd"', (text: string) => Buffer.from(text).toString('base64')],
    [
      'in base64 behind something',
      'p4ss "wörd"',
      (text: string) => Buffer.from(`user:${text}`).toString('base64'),
    ],
    ['in hex', 'p4ss "wörd"', (text: string) => Buffer.from(text).toString('hex')],
    ['quoted for a shell', "p4ss 'word'", (text: string) => `'${text.replaceAll("'", `'\\''`)}'`],
    ['line by line', 'first line\nsecond line\n', () => 'a second line b'],
  ])('masks a secret %s', (_, text, encode) => {
    const encoded = encode(text);
    const masked = maskOf([secret(text)])(`before ${encoded} after`);
    expect(masked).toMatch(/^before .*•••.* after$/);
    expect(masked).not.toContain(encoded);
    expect(masked).not.toMatch(/p4ss|second line/);
  });

  test('leaves everything else alone', () => {
    expect(maskOf([])('text')).toBe('text');
    expect(maskOf([secret('')])('text')).toBe('text');
    expect(maskOf([secret('.*+?^${}()|[]\\')])('text .*+?^${}()|[]\\')).toBe('text •••');
  });
});

describe('packTar', () => {
  test('is read by tar as it was meant', () => {
    const files = [
      { name: 'a/ü b', content: 'x'.repeat(1234), mode: 0o600 },
      { name: '.env', content: '', mode: 0o640 },
      { name: 'n'.repeat(100), content: 'ü\n', mode: 0o700 },
    ];
    const target = mkdtempSync(join(folder, 'tar-'));
    execFileSync('tar', ['-xf', '-', '-C', target], { input: packTar(files) });
    for (const { name, content, mode } of files) {
      const path = join(target, name);
      expect(readFileSync(path, 'utf8')).toBe(content);
      expect(execFileSync('stat', ['-c', '%a', path], { encoding: 'utf8' })).toBe(`${mode.toString(8)}\n`);
    }
  });
});
