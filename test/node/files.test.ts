import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/model/journal.ts';
import type { Node } from '../../src/model/node.ts';
import type { WriteOperation } from '../../src/model/operation.ts';
import { localNode } from '../../src/node/index.ts';

let root: string;
let node: Node;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'phoenix-node-'));
  node = localNode({ root });
});
afterEach(async () => {
  await node.close();
  rmSync(root, { recursive: true });
});

function write(path: string, content: string | null, mode?: number): WriteOperation {
  const common = { target: 'node', step: 'test', changes: [], gates: [], in: 'node' } as const;
  return { ...common, op: 'write', path, content, ...(mode !== undefined && { mode }) };
}

describe('write', () => {
  test('puts a whole file in place, its folders made, and leaves nothing beside it', async () => {
    expect(await node.run(write('/etc/pve/firewall/101.fw', 'a\n', 0o600), {})).toMatchObject({
      kind: 'done',
    });
    expect(await node.run(write('/etc/pve/firewall/101.fw', 'b\n', 0o640), {})).toMatchObject({
      kind: 'done',
    });
    const path = join(root, 'etc/pve/firewall/101.fw');
    expect(readFileSync(path, 'utf8')).toBe('b\n');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(root, 'etc/pve/firewall'))).toEqual(['101.fw']);
  });

  test('removes a file, also one that is not there', async () => {
    await node.run(write('/etc/x', 'a'), {});
    expect(await node.run(write('/etc/x', null), {})).toMatchObject({ kind: 'done' });
    expect(await node.run(write('/etc/x', null), {})).toMatchObject({ kind: 'done' });
    expect(readdirSync(join(root, 'etc'))).toEqual([]);
  });

  test.each(['relative', '/a\0b', '/etc/folder'])('refuses %j', async (path) => {
    mkdirSync(join(root, 'etc/folder'), { recursive: true });
    expect(await node.run(write(path, 'x'), {})).toMatchObject({
      kind: 'refused',
      diagnostic: { code: 'node/cannot-write' },
    });
  });
});

describe('lock', () => {
  test('is held by one at a time', async () => {
    const first = await node.lock('converge all');
    expect(first.acquired).toBe(true);
    const second = await localNode({ root }).lock('create 101');
    expect(second).toMatchObject({ acquired: false, holder: { purpose: 'converge all', pid: process.pid } });
    if (first.acquired) await first.release();
    expect(await node.lock('create 101')).toMatchObject({ acquired: true });
    expect(readdirSync(join(root, 'var/lib/phoenix'))).toEqual(['lock']);
  });

  test('of a process that is gone gives way', async () => {
    const gone = spawn('true');
    await new Promise((resolve) => gone.on('exit', resolve));
    await node.lock('killed');
    const path = join(root, 'var/lib/phoenix/lock');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: gone.pid }));
    expect(await node.lock('next')).toMatchObject({ acquired: true });
  });

  test.each([
    ['a process with the same number that started at another time', { startTime: '1' }],
    ['a boot that is over', { boot: 'another' }],
  ])('of %s gives way', async (_, change) => {
    await node.lock('killed');
    const path = join(root, 'var/lib/phoenix/lock');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
    expect(await node.lock('next')).toMatchObject({ acquired: true });
  });

  test('that is nonsense gives way', async () => {
    mkdirSync(join(root, 'var/lib/phoenix'), { recursive: true });
    writeFileSync(join(root, 'var/lib/phoenix/lock'), '{"pid":');
    expect(await node.lock('next')).toMatchObject({ acquired: true });
  });

  test('goes to exactly one of many who take it over at once', async () => {
    mkdirSync(join(root, 'var/lib/phoenix'), { recursive: true });
    writeFileSync(
      join(root, 'var/lib/phoenix/lock'),
      JSON.stringify({ pid: 1, startTime: '1', host: hostname() }),
    );
    const locks = await Promise.all(Array.from({ length: 20 }, (_, index) => node.lock(`run ${index}`)));
    expect(locks.filter(({ acquired }) => acquired)).toHaveLength(1);
  });
});

describe('lock in a cluster', () => {
  const at = (path: string): string => join(root, path);
  const FOLDER = 'etc/pve/priv/lock/phoenix';
  const NOTE = 'etc/pve/priv/phoenix/lock.json';
  const hold = (host: string): void => {
    mkdirSync(at(FOLDER), { recursive: true });
    mkdirSync(at('etc/pve/priv/phoenix'), { recursive: true });
    writeFileSync(at(NOTE), JSON.stringify({ pid: 7, host, since: 5, purpose: 'up' }));
  };
  beforeEach(() => {
    mkdirSync(at('etc/pve'), { recursive: true });
    writeFileSync(at('etc/pve/corosync.conf'), '');
  });

  test('is the whole cluster’s and given back', async () => {
    const lock = await node.lock('converge all');
    expect(existsSync(at(FOLDER))).toBe(true);
    expect(JSON.parse(readFileSync(at(NOTE), 'utf8'))).toMatchObject({ purpose: 'converge all' });
    if (lock.acquired) await lock.release();
    expect([existsSync(at(FOLDER)), existsSync(at(NOTE))]).toEqual([false, false]);
    expect(readdirSync(at('var/lib/phoenix'))).toEqual([]);
  });

  test("another node's is respected, and nothing is kept", async () => {
    hold('other');
    expect(await node.lock('x')).toEqual({
      acquired: false,
      holder: { pid: 7, host: 'other', since: 5, purpose: 'up' },
    });
    expect(readdirSync(at('var/lib/phoenix'))).toEqual([]);
  });

  test('one that nobody touched for two minutes gives way', async () => {
    hold('other');
    const past = new Date(Date.now() - 121_000);
    utimesSync(at(FOLDER), past, past);
    expect(await node.lock('x')).toMatchObject({ acquired: true });
  });

  test('one of a killed run of this node gives way at once', async () => {
    hold(hostname());
    expect(await node.lock('x')).toMatchObject({ acquired: true });
  });

  test('one whose holder is not known yet is respected', async () => {
    mkdirSync(at(FOLDER), { recursive: true });
    expect(await node.lock('x')).toMatchObject({ acquired: false, holder: { host: 'another node' } });
  });
});

describe('journal', () => {
  const begin = (run: string, index: number): JournalEntry => ({
    at: 1,
    run,
    entry: 'begin',
    index,
    target: 101,
    step: 's',
    operation: write('/x', 'y'),
  });
  const folder = (): string => join(root, 'var/lib/phoenix/journal');
  const lines = (name: string): unknown[] =>
    readFileSync(join(folder(), name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  test('is appended to in order, and moved away when its run ends', async () => {
    await Promise.all([0, 1, 2, 3].map((index) => node.journal.append(begin('r1', index))));
    expect(lines('current.ndjson')).toEqual([0, 1, 2, 3].map((index) => begin('r1', index)));
    await node.journal.finish([]);
    expect(readdirSync(folder())).toEqual(['r1.ndjson']);
    expect(lines('r1.ndjson')).toHaveLength(4);
  });

  test('goes on with what is carried', async () => {
    await node.journal.append(begin('r1', 0));
    const next = localNode({ root });
    await next.journal.append(begin('r2', 0));
    await next.journal.finish([begin('r1', 0)]);
    expect(readdirSync(folder()).toSorted()).toEqual(['current.ndjson', 'r2.ndjson']);
    expect(lines('current.ndjson')).toEqual([begin('r1', 0)]);
    expect(lines('r2.ndjson')).toEqual([begin('r1', 0), begin('r2', 0)]);
    await next.journal.append(begin('r3', 0));
    expect(lines('current.ndjson')).toEqual([begin('r1', 0), begin('r3', 0)]);
    await next.close();
  });

  test('keeps the newest twenty', async () => {
    for (let run = 100; run < 125; run++) {
      await node.journal.append(begin(`r${run}`, 0));
      await node.journal.finish([]);
    }
    const names = readdirSync(folder()).toSorted();
    expect(names).toHaveLength(20);
    expect(names.at(0)).toBe('r105.ndjson');
  });

  test('of a run that did nothing is nothing', async () => {
    mkdirSync(folder(), { recursive: true });
    await node.journal.finish([]);
    expect(readdirSync(folder())).toEqual([]);
  });
});
