import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckOperation, Probe } from '../../src/model/operation.ts';
import { localNode } from '../../src/node/index.ts';
import { nodeOf } from '../../src/node/node-of.ts';
import { runProcess } from '../../src/node/process.ts';

const node = localNode({ nodePath: process.execPath });
let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  if (request.url === '/third' && asked < 3) response.statusCode = 503;
  if (request.url === '/missing') response.statusCode = 404;
  if (request.url === '/moved') response.statusCode = 301;
  if (request.url === '/silent') return;
  response.end('hello ü world');
});
let origin: string;
let port: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function check(probe: Probe, rest: Partial<CheckOperation> = {}): CheckOperation {
  const common = { target: 101, step: 'test', changes: [], gates: [], in: 'node' } as const;
  return { ...common, op: 'check', probe, retries: 1, intervalMs: 10, timeoutMs: 10_000, ...rest };
}

const overPerl = nodeOf({
  title: 'perl',
  machine: { run: runProcess, root: undefined, network: 'perl' },
  secrets: [],
  remedy: '',
});
const nodes = [
  ['a network that Perl is in', overPerl],
  ['its own network', node],
  ['another network', localNode({ nodePath: process.execPath, spawnPrefix: ['env'] })],
] as const;

describe.each(nodes)('a check over %s', (_, node) => {
  test.each([
    ['/', {}, 'done'],
    ['/moved', {}, 'done'],
    ['/missing', {}, 'refused'],
    ['/missing', { expectStatus: 404 }, 'done'],
    ['/', { expectStatus: 201 }, 'refused'],
    ['/', { expectBody: 'ü wor' }, 'done'],
    ['/', { expectBody: 'goodbye' }, 'refused'],
  ] as const)('%s with %j is %s', async (path, expected, kind) => {
    const outcome = await node.run(check({ kind: 'http', url: `${origin}${path}`, ...expected }), {});
    expect(outcome.kind).toBe(kind);
    expect(outcome.stderr === '').toBe(kind === 'done');
  });

  test('says why it failed', async () => {
    const outcome = await node.run(check({ kind: 'http', url: `${origin}/missing`, expectStatus: 200 }), {});
    expect(outcome.stderr).toBe('status 404, not 200\n');
  });

  test('is tried again until it passes', async () => {
    asked = 0;
    const outcome = await node.run(check({ kind: 'http', url: `${origin}/third` }, { retries: 5 }), {});
    expect([outcome.kind, asked]).toEqual(['done', 3]);
  });

  test('gives up after its tries', async () => {
    asked = 0;
    const outcome = await node.run(check({ kind: 'http', url: `${origin}/missing` }, { retries: 2 }), {});
    expect([outcome.kind, asked]).toEqual(['refused', 2]);
  });

  test('does not wait for an answer for ever', async () => {
    const outcome = await node.run(check({ kind: 'http', url: `${origin}/silent` }, { timeoutMs: 300 }), {});
    expect(outcome).toMatchObject({ kind: 'refused', stderr: 'no answer in 300 ms\n' });
  });

  test('reaches a port, or does not', async () => {
    expect((await node.run(check({ kind: 'tcp', host: '127.0.0.1', port }), {})).kind).toBe('done');
    expect((await node.run(check({ kind: 'tcp', host: '127.0.0.1', port: 1 }), {})).kind).toBe('refused');
  });

  test.each(['not a url', 'ftp://x', "http://$(id)'`/"])(
    'refuses the address %j without a stack trace',
    async (url) => {
      const outcome = await node.run(check({ kind: 'http', url }), {});
      expect(outcome.kind).toBe('refused');
      expect(outcome.stderr).not.toMatch(/\n\s+at /);
    },
  );
});

describe('a check by a command', () => {
  test.each([
    [['true'], 'done', 0],
    [['false'], 'refused', 1],
  ])('%j is %s', async (argv, kind, exitCode) => {
    expect(await node.run(check({ kind: 'command', argv }), {})).toMatchObject({ kind, exitCode });
  });

  test('ends when aborted, tries left or not', async () => {
    const stop = new AbortController();
    const running = node.run(
      check({ kind: 'command', argv: ['false'] }, { retries: 1000, intervalMs: 60_000 }),
      {
        signal: stop.signal,
      },
    );
    stop.abort();
    expect((await running).kind).not.toBe('done');
  });
});
