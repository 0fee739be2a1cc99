import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Operation } from '../../src/model/operation.ts';
import { localNode } from '../../src/node/index.ts';
import { hostileValues } from '../e2e/hostile-values.ts';

const folder = mkdtempSync(join(tmpdir(), 'phoenix-hostile-'));
const canary = join(folder, 'canary');
const seen = join(folder, 'argv');
const VALUES = hostileValues(canary).map((value) => [value.slice(0, 40), value] as const);
const node = localNode({ env: { PATH: `${join(folder, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin` } });
const COMMON = { target: 101, step: 'test', changes: [], gates: [] } as const;

beforeAll(() => {
  mkdirSync(join(folder, 'bin'));
  program('pct', `printf '%s\\0' "$@" >'${seen}'`);
  // Enters nothing: what would run in a container runs here, by the same words.
  program('lxc-attach', 'while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"');
});
beforeEach(() => rmSync(seen, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

/** No process takes an argument with a NUL in it. */
const isPassable = (value: string): boolean => !value.includes('\0');

test('there are 60 of them', () => {
  expect(new Set(VALUES.map(([, value]) => value)).size).toBeGreaterThanOrEqual(60);
});

describe.each(VALUES)('%j, whatever let it through,', (_, value) => {
  test('is one word of pct’s, or pct is not called', async () => {
    const set: Operation = {
      ...COMMON,
      op: 'pve',
      call: 'pct set',
      vmid: 101,
      positional: [value],
      params: { hostname: value, description: ['a', value], mp0: `${value},mp=/x` },
    };
    const outcome = await node.run(set, {});
    expect(outcome.kind).toBe(isPassable(value) ? 'done' : 'refused');
    expect(existsSync(seen) ? readFileSync(seen, 'utf8').split('\0').slice(0, -1) : []).toEqual(
      isPassable(value)
        ? ['set', '101', value, '--hostname', value, '--description', `a${value}`, '--mp0', `${value},mp=/x`]
        : [],
    );
    expect(existsSync(canary)).toBe(false);
  });

  test('is a file’s content, and a file’s name', async () => {
    const name = value.replaceAll(/[/\0]/g, '_').slice(0, 200);
    const path = join(folder, 'files', `f${name}`);
    for (const place of ['node', 101] as const) {
      const write: Operation = { ...COMMON, op: 'write', in: place, path, content: value, mode: 0o600 };
      expect(await node.run(write, {})).toMatchObject({ kind: 'done' });
      expect(readFileSync(path, 'utf8')).toBe(value);
      expect(await node.run({ ...write, content: null }, {})).toMatchObject({ kind: 'done' });
      expect(existsSync(path)).toBe(false);
    }
    expect(existsSync(canary)).toBe(false);
  });

  test('is a word of a command, in the node and in a container', async () => {
    for (const place of ['node', 101] as const) {
      const argv = ['printf', '%s', value];
      const exec = await node.run({ ...COMMON, op: 'exec', in: place, argv, timeoutMs: 10_000 }, {});
      const probe = { kind: 'command', argv: ['test', 'x', '=', `x${value}`] } as const;
      const check = {
        ...COMMON,
        op: 'check',
        in: place,
        probe,
        retries: 1,
        intervalMs: 0,
        timeoutMs: 10_000,
      } as const;
      expect((await node.run(check, {})).kind).not.toBe('done');
      if (isPassable(value)) expect(exec).toMatchObject({ kind: 'done', stdout: value });
      else expect(exec.kind).not.toBe('done');
    }
    expect(existsSync(canary)).toBe(false);
  });

  test('is a path, a storage and an address that somebody asks about', async () => {
    const seenPaths = (await node.observe([101], { paths: [`/nowhere/${value}`], volumesOf: [value] })).text;
    expect(seenPaths).toMatch(/^phoenix-observation 1\n[\s\S]*\nend\n?$/);
    for (const url of [`http://127.0.0.1:9/${value}`, value]) {
      const probe = { kind: 'http', url, expectBody: value } as const;
      const check = {
        ...COMMON,
        op: 'check',
        in: 'node',
        probe,
        retries: 1,
        intervalMs: 0,
        timeoutMs: 2000,
      } as const;
      expect((await node.run(check, {})).kind).not.toBe('done');
    }
    const probe = { kind: 'tcp', host: value.slice(0, 100), port: 9 } as const;
    const check = {
      ...COMMON,
      op: 'check',
      in: 'node',
      probe,
      retries: 1,
      intervalMs: 0,
      timeoutMs: 2000,
    } as const;
    expect((await node.run(check, {})).kind).not.toBe('done');
    expect(existsSync(canary)).toBe(false);
  });

  // A script's folder is /run/phoenix.
  test.skipIf(process.getuid?.() !== 0)('is what a script gets, or no script runs', async () => {
    const script = {
      name: value,
      content: '#!/bin/sh\nprintf "%s" "$1$VALUE"; cat "$PHOENIX_INPUTS"',
      args: [value],
      inputs: { value },
    };
    const exec: Operation = {
      ...COMMON,
      op: 'exec',
      in: 101,
      script,
      env: { VALUE: value },
      timeoutMs: 20_000,
    };
    const outcome = await node.run(exec, {});
    if (isPassable(value))
      expect(outcome.stdout).toBe(`${value}${value}${JSON.stringify({ value }, undefined, 2)}\n`);
    else expect(outcome.kind).toBe('refused');
    expect(existsSync(canary)).toBe(false);
  });
});
