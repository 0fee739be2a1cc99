import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { OutputLine } from '../../src/model/node.ts';
import type { ExecOperation, Script } from '../../src/model/operation.ts';
import type { Value } from '../../src/model/value.ts';
import { Secret } from '../../src/model/value.ts';
import { localNode } from '../../src/node/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'phoenix-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const node = localNode();
const COMMON = { op: 'exec', target: 'node', step: 'test', changes: [], gates: [], in: 'node' } as const;

function script(content: string, rest: Partial<Script> = {}, env?: Record<string, Value>): ExecOperation {
  return { ...COMMON, script: { name: 'try', content, ...rest }, timeoutMs: 20_000, ...(env && { env }) };
}

function leftovers(): string[] {
  return existsSync('/run/phoenix') ? readdirSync('/run/phoenix').filter((name) => name !== 'lock') : [];
}

// A script's folder is /run/phoenix.
describe.skipIf(process.getuid?.() !== 0)('a script', () => {
  test('gets its files, inputs, arguments and environment, and gives its exit code', async () => {
    const before = leftovers();
    const lines: OutputLine[] = [];
    const outcome = await node.run(
      script(
        '#!/bin/bash -e\nprintf "%s|" "$@" "$NAME"; cat more/x "$(dirname "$0")/y" "$PHOENIX_INPUTS"; read -r a || echo closed; echo oops >&2; exit 42\n',
        { args: ['a b', '$(id)', "it's"], files: { 'more/x': 'X\n', y: 'Y\n' }, inputs: { list: [1, 'ü'] } },
        { NAME: 'new\nline ' },
      ),
      { onOutput: (line) => lines.push(line) },
    );
    expect(outcome).toMatchObject({
      exitCode: 42,
      kind: 'refused',
      stdout: `a b|$(id)|it's|new\nline |X\nY\n${JSON.stringify({ list: [1, 'ü'] }, undefined, 2)}\nclosed\n`,
      stderr: 'oops\n',
    });
    expect(lines).toContainEqual({ stream: 'stdout', text: 'closed' });
    expect(lines).toContainEqual({ stream: 'stderr', text: 'oops' });
    expect(leftovers()).toEqual(before);
  });

  test.each([
    '$(touch CANARY)',
    '`touch CANARY`',
    "'; touch CANARY; '",
    '\\0101\\n%s',
    '-rf',
    '\t tab ',
    '\u{1F525}\n\n',
    '',
  ])('gets %j as it is, as argument, variable and input', async (hostile) => {
    const canary = join(folder, 'canary');
    const text = hostile.replaceAll('CANARY', canary);
    const outcome = await node.run(
      script(
        '#!/bin/sh\nprintf "%s" "$1$VALUE"; cat "$PHOENIX_INPUTS"',
        { args: [text], inputs: { text } },
        { VALUE: text },
      ),
      {},
    );
    expect(outcome.stdout).toBe(`${text}${text}${JSON.stringify({ text }, undefined, 2)}\n`);
    expect(existsSync(canary)).toBe(false);
  });

  test('is run by the interpreter of its first line, or by sh', async () => {
    expect((await node.run(script('#!/usr/bin/env node\nconsole.log(1+1)'), {})).stdout).toBe('2\n');
    expect((await node.run(script('echo plain'), {})).stdout).toBe('plain\n');
  });

  test('leaves a secret in no output and on no command line', async () => {
    const secret = new Secret('env:TOKEN', () => 'hunter2 "und" more');
    const lines: string[] = [];
    const outcome = await node.run(
      script(
        '#!/bin/bash\necho "$TOKEN"; printf %s "$TOKEN" | base64; printf "x%s" "$TOKEN" | base64 -w0; echo; tr "\\0" " " </proc/*/cmdline 2>/dev/null; cat /proc/[0-9]*/cmdline | tr "\\0" " "; cat "$PHOENIX_INPUTS"',
        { inputs: { token: secret } },
        { TOKEN: secret },
      ),
      { onOutput: ({ text }) => lines.push(text) },
    );
    const all = `${JSON.stringify(outcome)}${lines.join('\n')}`;
    expect(all).toContain('•••');
    expect(all).not.toContain('hunter2');
    expect(all).not.toContain(Buffer.from('hunter2 "und" more').toString('base64').slice(0, 12));
    expect(outcome.stdout).not.toMatch(/\bund\b/);
  });

  test('is ended at its limit with all that it started', async () => {
    const mark = `${Date.now()}.25`;
    const operation = { ...script(`#!/bin/sh\nsetsid sleep ${mark} & sleep ${mark}`), timeoutMs: 1000 };
    const outcome = await node.run(operation, {});
    expect(outcome).toMatchObject({ kind: 'lost', exitCode: null, diagnostic: { code: 'node/timeout' } });
    expect(processes(mark)).toEqual([]);
  });

  test('is ended when aborted', async () => {
    const mark = `${Date.now()}.75`;
    const stop = new AbortController();
    const outcome = await node.run(script(`#!/bin/sh\necho ready; sleep ${mark}`), {
      signal: stop.signal,
      onOutput: ({ text }) => text === 'ready' && stop.abort(),
    });
    expect(outcome).toMatchObject({ kind: 'lost', diagnostic: { code: 'node/interrupted' } });
    expect(processes(mark)).toEqual([]);
  });

  test('does not wait for a service that it leaves behind', async () => {
    const outcome = await node.run(script('#!/bin/sh\nsetsid sleep 5 &\necho done'), {});
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  test('waits for one that an earlier run left behind', async () => {
    const order: string[] = [];
    const say = (name: string) => (line: OutputLine) => void order.push(`${name}: ${line.text}`);
    let isBegun = (): void => {};
    const begun = new Promise<void>((resolve) => (isBegun = resolve));
    const first = node.run(script('#!/bin/sh\necho begins; sleep 0.5; echo ends'), {
      onOutput: (line) => {
        say('first')(line);
        isBegun();
      },
    });
    await begun;
    await Promise.all([first, node.run(script('#!/bin/sh\necho runs'), { onOutput: say('second') })]);
    expect(order).toEqual([
      'first: begins',
      'second: Waiting for a script that an earlier run left behind.',
      'first: ends',
      'second: runs',
    ]);
  });

  test.each([
    [{ files: { '../evil': '' } }, {}],
    [{ files: { '/evil': '' } }, {}],
    [{ files: { 'a//b': '' } }, {}],
    [{ files: { '.phoenix-env': '' } }, {}],
    [{ files: { ['x'.repeat(101)]: '' } }, {}],
    [{}, { 'A B': '' }],
    [{}, { A: 'nul\0' }],
  ])('is not begun with %j and %j', async (rest, env) => {
    const outcome = await node.run(script('#!/bin/sh\necho begun', rest, env), {});
    expect(outcome).toMatchObject({ kind: 'refused', stdout: '', diagnostic: { code: 'node/cannot-run' } });
  });
});

describe('a command', () => {
  test.each([
    [['true'], 0, 'done'],
    [['sh', '-c', 'exit 3'], 3, 'refused'],
    [['phoenix-has-no-such-program'], 127, 'refused'],
  ])('%j exits with %i: %s', async (argv, exitCode, kind) => {
    expect(await node.run({ ...COMMON, argv, timeoutMs: 5000 }, {})).toMatchObject({ exitCode, kind });
  });

  test('gets its words as they are', async () => {
    const argv = ['printf', '%s|', '$(id)', 'a b', '-rf', "'"];
    expect((await node.run({ ...COMMON, argv, timeoutMs: 5000 }, {})).stdout).toBe("$(id)|a b|-rf|'|");
  });
});

function processes(mark: string): string[] {
  const list = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.includes(`sleep ${mark}`) && !line.includes('sh -c'));
}
