import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Node } from '../../src/model/node.ts';
import type { ExecOperation } from '../../src/model/operation.ts';
import { NodeUnreachable } from '../../src/model/unreachable.ts';
import { localNode, sshNode } from '../../src/node/index.ts';
import { hostileValues } from './hostile-values.ts';
import { startSshd, type Sshd } from './sshd.ts';

let sshd: Sshd;
let env: Record<string, string | undefined>;
const root = mkdtempSync(join(tmpdir(), 'phoenix-far-'));
const CANARY = join(root, 'canary');
const open: Node[] = [];

beforeAll(async () => {
  sshd = await startSshd();
  env = { ...process.env, PATH: `${sshd.path}:${process.env['PATH']}`, LANG: 'xx_XX.UTF-8' };
});
afterAll(() => {
  sshd.close();
  rmSync(root, { recursive: true, force: true });
});

async function connect(): Promise<Node> {
  const node = await sshNode(
    { host: '127.0.0.1', user: 'root', port: sshd.port },
    { isTerminal: false, env, root },
  );
  open.push(node);
  return node;
}

let node: Node;
beforeAll(async () => {
  node = await connect();
});
afterAll(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const COMMON = { target: 'node', step: 'test', changes: [], gates: [], in: 'node' } as const;
const script = (content: string, rest: Partial<ExecOperation> = {}): ExecOperation =>
  ({ ...COMMON, op: 'exec', script: { name: 'try', content }, timeoutMs: 20_000, ...rest }) as ExecOperation;

describe('a command over SSH', () => {
  test('gets its words as they are', async () => {
    const words = hostileValues(CANARY).filter((word) => !word.includes('\0'));
    const { stdout } = await node.command(['printf', '%s\n', ...words], {});
    expect(stdout).toBe(words.map((word) => `${word}\n`).join(''));
    expect(existsSync(CANARY)).toBe(false);
  });

  test('may be long, with its input behind it', async () => {
    const words = Array.from({ length: 5 }, (_, index) => `${index}'`.repeat(30_000));
    const end = await node.command(['sh', '-c', 'cat; printf "%s|" "$@"', 'sh', ...words], { stdin: 'in' });
    expect(end.stdout === `in${words.map((word) => `${word}|`).join('')}`).toBe(true);
  });

  test.each([0, 1, 3, 126, 255])('gives its exit code %i, and what it says', async (code) => {
    const end = await node.command(['sh', '-c', `echo out; printf err >&2; exit ${code}`], {});
    expect(end).toEqual({ rc: code, stdout: 'out\n', stderr: 'err' });
    const texts: string[] = [];
    const again = await node.command(['sh', '-c', `echo out; echo err >&2; exit ${code}`], {
      onText: (_, text) => texts.push(text),
    });
    expect(again.rc).toBe(code);
    expect(texts.toSorted()).toEqual(['err\n', 'out\n']);
  });

  test('gets its input, and nothing of our environment', async () => {
    const stdin = 'ü\0x'.repeat(500_000);
    const { stdout } = await node.command(['cat'], { stdin });
    expect(stdout === stdin).toBe(true);
    expect((await node.command(['sh', '-c', 'echo "$LANG$LC_ALL"'], {})).stdout).toBe('C.UTF-8C.UTF-8\n');
  });

  test('ends over there when it is aborted here, and its tasks do not', async () => {
    const marks = [`${Date.now()}.125`, `${Date.now()}.375`] as const;
    const stop = new AbortController();
    const end = await node.command(['sh', '-c', `setsid sleep ${marks[0]} & echo ready; sleep ${marks[1]}`], {
      signal: stop.signal,
      onText: () => stop.abort(),
    });
    expect(end.rc).toBe(130);
    const list = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
    const task = /^\s*(\d+) sleep \d+\.125$/m.exec(list);
    expect(task?.[0]).toContain(marks[0]);
    process.kill(Number(task?.[1]), 'SIGKILL');
    expect(list).not.toMatch(new RegExp(`\\d sleep ${marks[1]}$`, 'm'));
  });

  test('runs beside many others', async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, index) => node.command(['echo', String(index)], {})),
    );
    expect(all.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 40 }, (_, index) => `${index}\n`));
  });
});

describe('an operation over SSH', () => {
  test('a script gives its exit code and output as it comes', async () => {
    const lines: string[] = [];
    const outcome = await node.run(script('#!/bin/sh\necho out; echo err >&2; exit 7'), {
      onOutput: ({ text }) => lines.push(text),
    });
    expect(outcome).toMatchObject({ kind: 'refused', exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    expect(lines.toSorted()).toEqual(['err', 'out']);
  });

  test('a script is ended when aborted', async () => {
    const mark = `${Date.now()}.625`;
    const stop = new AbortController();
    const outcome = await node.run(script(`#!/bin/sh\nsetsid sleep ${mark} & echo ready; sleep ${mark}`), {
      signal: stop.signal,
      onOutput: ({ text }) => text === 'ready' && stop.abort(),
    });
    expect(outcome).toMatchObject({ kind: 'lost', diagnostic: { code: 'node/interrupted' } });
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toMatch(
      new RegExp(`^sleep ${mark}`, 'm'),
    );
  });

  test('a file is written whole and removed', async () => {
    const path = join(root, 'some folder/it’s');
    const content = 'a\n\0ü'.repeat(100_000);
    expect(await node.run({ ...COMMON, op: 'write', path, content, mode: 0o600 }, {})).toMatchObject({
      kind: 'done',
    });
    expect(readFileSync(path, 'utf8') === content).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await node.run({ ...COMMON, op: 'write', path, content: null }, {})).toMatchObject({
      kind: 'done',
    });
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('an observation is what the machine itself tells', async () => {
    const needs = { paths: ['/etc/passwd'], volumesOf: [] };
    const here = await localNode().observe('all', needs);
    expect((await node.observe('all', needs)).text.replace(/^memory.*/m, '')).toBe(
      here.text.replace(/^memory.*/m, ''),
    );
  });
});

describe('the lock and the journal over SSH', () => {
  const entry = (index: number) =>
    ({
      at: 5.5,
      run: '2026-01-01-x',
      entry: 'begin',
      target: 101,
      step: 's',
      index,
      operation: { ...COMMON, op: 'exec', argv: ['ü'], timeoutMs: 1 },
    }) as const;

  test('keep out others, here and there, until they are given back', async () => {
    const near = localNode({ root });
    const lock = await node.lock('create 101');
    if (!lock.acquired) throw new Error('not acquired');
    const holder = { host: hostname(), purpose: 'create 101' };
    expect(await near.lock('x')).toMatchObject({ acquired: false, holder });
    const other = await connect();
    expect(await other.lock('x')).toMatchObject({ acquired: false, holder });
    await lock.release();
    const ours = await near.lock('near');
    if (!ours.acquired) throw new Error('not acquired');
    expect(await other.lock('x')).toMatchObject({
      acquired: false,
      holder: { purpose: 'near', pid: process.pid },
    });
    await ours.release();
    expect(await released(other)).toBe(true);
  });

  test('are given back when the connection goes, and what goes on is told as lost', async () => {
    await node.lock('create 101');
    let begun = (): void => {};
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const running = node.run(script('#!/bin/sh\necho begun; sleep 3'), { onOutput: () => begun() });
    await isBegun;
    sshd.cut();
    expect(await running).toMatchObject({
      kind: 'lost',
      exitCode: null,
      diagnostic: { code: 'node/disconnected' },
    });
    await expect(node.journal.append(entry(1))).rejects.toBeInstanceOf(NodeUnreachable);
    expect(await node.run(script('#!/bin/sh\ntrue'), {})).toMatchObject({ kind: 'lost' });
    node = await connect();
    expect(await untilReleased(node)).toBe(true);
  });

  test('of a host that says nothing any more are given up, and what ran is lost', async () => {
    const mine = await connect();
    let begun = (): void => {};
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const running = mine.run(script('#!/bin/sh\necho begun; sleep 100', { timeoutMs: 200_000 }), {
      onOutput: () => begun(),
    });
    await isBegun;
    sshd.freeze();
    const began = performance.now();
    expect(await running).toMatchObject({ kind: 'lost', diagnostic: { code: 'node/disconnected' } });
    expect(performance.now() - began).toBeLessThan(60_000);
    sshd.cut();
    node = await connect();
  });

  test('of a holder that is gone are taken over', async () => {
    mkdirSync(join(root, 'var/lib/phoenix'), { recursive: true });
    const stale = { pid: 4_000_000, host: hostname(), since: 1, purpose: 'gone', startTime: '1', boot: '' };
    writeFileSync(join(root, 'var/lib/phoenix/lock'), JSON.stringify(stale));
    expect(await released(node)).toBe(true);
  });

  test('of a cluster are taken too', async () => {
    mkdirSync(join(root, 'etc/pve'), { recursive: true });
    writeFileSync(join(root, 'etc/pve/corosync.conf'), '');
    const lock = await node.lock('x');
    expect(existsSync(join(root, 'etc/pve/priv/lock/phoenix'))).toBe(true);
    expect(JSON.parse(readFileSync(join(root, 'etc/pve/priv/phoenix/lock.json'), 'utf8'))).toMatchObject({
      purpose: 'x',
      host: hostname(),
    });
    if (lock.acquired) await lock.release();
    expect(existsSync(join(root, 'etc/pve/priv/lock/phoenix'))).toBe(false);
    mkdirSync(join(root, 'etc/pve/priv/lock/phoenix'));
    writeFileSync(
      join(root, 'etc/pve/priv/phoenix/lock.json'),
      '{"pid":1,"host":"elsewhere","since":5,"purpose":"y"}',
    );
    expect(await node.lock('x')).toEqual({
      acquired: false,
      holder: { pid: 1, host: 'elsewhere', since: 5, purpose: 'y' },
    });
    rmSync(join(root, 'etc'), { recursive: true });
  });

  test('are written as on the node itself', async () => {
    const folder = join(root, 'var/lib/phoenix/journal');
    rmSync(folder, { recursive: true, force: true });
    const near = localNode({ root: join(root, 'near') });
    for (const one of [node, near]) {
      await one.journal.append(entry(0));
      await one.journal.append(entry(1));
      await one.journal.finish([entry(1)]);
      await one.journal.append(entry(2));
    }
    await near.close();
    const texts = (path: string): Record<string, string> =>
      Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]));
    expect(texts(folder)).toEqual(texts(join(root, 'near/var/lib/phoenix/journal')));
    await node.journal.finish([]);
    for (let run = 10; run < 40; run++) {
      await node.journal.append({ ...entry(0), run: `2026-${run}` });
      await node.journal.finish([]);
    }
    const names = readdirSync(folder).toSorted();
    expect([names.length, names[0], names.at(-1)]).toEqual([20, '2026-20.ndjson', '2026-39.ndjson']);
  });

  /** Could it be taken? It is given back at once. */
  async function released(other: Node): Promise<boolean> {
    const lock = await other.lock('x');
    if (lock.acquired) await lock.release();
    return lock.acquired;
  }

  async function untilReleased(other: Node): Promise<boolean> {
    for (let tries = 0; tries < 50; tries++) {
      if (await released(other)) return true;
      await other.sleep(100);
    }
    return false;
  }
});

describe('a node that is not reached', () => {
  const failing = async (
    options: Partial<Parameters<typeof sshNode>[0]>,
  ): Promise<NodeUnreachable['diagnostic']> => {
    const address = { host: '127.0.0.1', user: 'root', port: sshd.port, ...options };
    const error = await sshNode(address, { isTerminal: false, env, root }).catch((error: unknown) => error);
    if (!(error instanceof NodeUnreachable)) throw new Error('it was reached');
    return error.diagnostic;
  };

  test.each([
    ['not used as anybody but root', 'stranger', { code: 'node/not-root' }],
    [
      'not used where its shell prints something by itself',
      'talker',
      { code: 'node/talkative-shell', detail: 'Welcome' },
    ],
  ])('is %s', async (_, key, diagnostic) => {
    const address = { host: '127.0.0.1', user: 'root', port: sshd.port };
    const attempt = sshNode(address, { isTerminal: false, env: { ...env, SSH_TEST_KEY: key }, root });
    await expect(attempt).rejects.toMatchObject({ diagnostic });
  });

  test('says why, in the words of ssh', async () => {
    expect(await failing({ port: 1 })).toMatchObject({
      detail: expect.stringContaining('Connection refused'),
    });
    expect(await failing({ user: 'phoenix-nobody' })).toMatchObject({
      detail: expect.stringContaining('Permission denied'),
      remedy: expect.stringContaining(`ssh-copy-id -p ${sshd.port} phoenix-nobody@127.0.0.1`),
    });
    expect(await failing({ host: 'no-such-host.invalid' })).toMatchObject({
      detail: expect.stringContaining('resolve'),
    });
  });

  test('is not believed with another host key, nor with one that is not known', async () => {
    const known = join(sshd.folder, 'known');
    const text = readFileSync(known, 'utf8');
    const stranger = readFileSync(join(sshd.folder, 'stranger.pub'), 'utf8');
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${stranger}`);
    expect((await failing({})).summary).toContain('another host key');
    writeFileSync(known, '');
    expect((await failing({})).summary).toContain('not known');
    writeFileSync(known, text);
  });
});
