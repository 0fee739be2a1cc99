import { describe, expect, test } from 'vitest';
import type { Operation } from '../../src/model/operation.ts';
import { PVE_DIALECT } from '../../src/node/index.ts';
import { freshWorld, twinNode, type Fault, type TwinNode, type World } from '../../src/twin/index.ts';

const TEMPLATE = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const COMMON = { target: 8101, step: 'test', changes: [], gates: [] } as const;
const NO_NEEDS = { paths: [], volumesOf: [] };
const RECORD = '/var/lib/phoenix/record.json';

const create: Operation = {
  ...COMMON,
  op: 'pve',
  call: 'pct create',
  vmid: 8101,
  positional: [TEMPLATE],
  params: { rootfs: 'local:1', hostname: 'web', unprivileged: true },
};
const start: Operation = { ...COMMON, op: 'pve', call: 'pct start', vmid: 8101, params: {} };
const stop: Operation = { ...COMMON, op: 'pve', call: 'pct stop', vmid: 8101, params: {} };
const install: Operation = {
  ...COMMON,
  op: 'exec',
  in: 8101,
  script: { name: 'docker-install', content: '#!/bin/sh\n' },
  timeoutMs: 1000,
  provides: ['feature:docker@d1'],
};
const isInstalled: Operation = {
  ...COMMON,
  op: 'check',
  in: 8101,
  probe: { kind: 'command', argv: ['docker', 'info'] },
  needs: ['feature:docker@d1'],
  retries: 1,
  intervalMs: 1,
  timeoutMs: 1000,
};
const answers: Operation = {
  ...COMMON,
  op: 'check',
  in: 'node',
  probe: { kind: 'http', url: 'http://10.0.0.1/' },
  retries: 1,
  intervalMs: 1,
  timeoutMs: 1000,
};
const writeRecord: Operation = {
  ...COMMON,
  op: 'write',
  in: 8101,
  path: RECORD,
  content: '{"features":{"docker":"d1"},"scripts":{}}\n',
};

function open(world: World, faults?: Record<number, Fault>): TwinNode {
  return twinNode({
    world,
    dialect: PVE_DIALECT,
    ...(faults && { faults: (_, index) => faults[index] }),
  });
}

async function kindsOf(node: TwinNode, operations: readonly Operation[]): Promise<string[]> {
  const kinds: string[] = [];
  for (const operation of operations) kinds.push((await node.run(operation, {})).kind);
  return kinds;
}

async function guestOf(node: TwinNode) {
  return (await node.observe([8101], NO_NEEDS)).guests.get(8101);
}

describe('operations', () => {
  test('a container comes to be, starts, is provisioned and found healthy', async () => {
    const node = open(freshWorld());
    expect(
      await kindsOf(node, [answers, create, start, isInstalled, install, isInstalled, answers, writeRecord]),
    ).toEqual(['refused', 'done', 'done', 'refused', 'done', 'done', 'done', 'done']);
    expect(await guestOf(node)).toMatchObject({
      running: true,
      startedWith: [],
      record: { features: { docker: 'd1' }, scripts: {} },
    });
  });

  test('nothing runs, and nothing is true, in a container that is stopped', async () => {
    const node = open(freshWorld());
    await kindsOf(node, [create, start, install, stop]);
    expect(await kindsOf(node, [install, isInstalled, answers, writeRecord])).toEqual(
      Array(4).fill('refused'),
    );
    await node.run(start, {});
    expect(await kindsOf(node, [isInstalled])).toEqual(['done']);
  });

  test('a clone has the facts and the record of its source', async () => {
    const node = open(freshWorld());
    const clone: Operation = { ...start, call: 'pct clone', positional: [8102], params: { full: true } };
    const startClone: Operation = { ...start, vmid: 8102 };
    await kindsOf(node, [create, start, install, writeRecord, stop, clone, startClone]);
    expect(await kindsOf(node, [{ ...isInstalled, in: 8102, target: 8102 }])).toEqual(['done']);
    const { guests } = await node.observe([8102], NO_NEEDS);
    expect(guests.get(8102)?.record).toEqual({ features: { docker: 'd1' }, scripts: {} });
  });

  test('a refusal carries its known message', async () => {
    const node = open(freshWorld());
    await node.run(create, {});
    expect(await node.run(create, {})).toMatchObject({
      exitCode: 255,
      kind: 'refused',
      diagnostic: { code: 'pve/vmid-taken' },
    });
  });

  test('lines are edited in the head section, and only there', async () => {
    const world = freshWorld();
    const node = open(world);
    const path = '/etc/pve/lxc/101.conf';
    await node.host.files.write(path, 'memory: 512\nlxc.a: 1\nlxc.b = 2\n\n[s1]\nlxc.a: 1\n');
    const edit: Operation = {
      ...COMMON,
      op: 'edit',
      path,
      vmid: 101,
      remove: ['lxc.a: 1', 'lxc.b: 2'],
      add: ['lxc.c: 3'],
    };
    expect(await kindsOf(node, [edit, edit])).toEqual(['done', 'done']);
    expect(await node.host.files.read(path)).toBe('memory: 512\nlxc.c: 3\n\n[s1]\nlxc.a: 1\n');
  });

  test('a wait on the virtual clock costs no time, and ends at its limit', async () => {
    const node = open(freshWorld());
    const wait: Operation = { ...COMMON, op: 'wait', in: 8101, for: 'running', timeoutMs: 60_000 };
    const before = node.now();
    expect(await node.run(wait, {})).toMatchObject({ kind: 'lost' });
    expect(node.now() - before).toBeGreaterThanOrEqual(60_000);
    await kindsOf(node, [create, start]);
    expect(await kindsOf(node, [wait, { ...wait, for: 'network' }, { ...wait, for: 'init' }])).toEqual(
      Array(3).fill('done'),
    );
  });

  test('commands are the tools, and cat and tee', async () => {
    const node = open(freshWorld());
    expect((await node.command(['pct', 'list'], {})).stdout).toContain('ct100');
    expect(await node.command(['tee', '/etc/x'], { stdin: 'a\n' })).toMatchObject({ rc: 0 });
    expect(await node.command(['tee', '-a', '/etc/x'], { stdin: 'b\n' })).toMatchObject({ rc: 0 });
    expect(await node.command(['cat', '/etc/x'], {})).toMatchObject({ rc: 0, stdout: 'a\nb\n' });
    expect(await node.command(['rm', '-rf', '/'], {})).toMatchObject({ rc: 127 });
  });
});

describe('lock and journal', () => {
  test('the lock is held by one, and that of a dead run gives way', async () => {
    const world = freshWorld();
    const [first, second] = [open(world), open(world)];
    const lock = await first.lock('converge');
    expect(lock.acquired).toBe(true);
    expect(await second.lock('create')).toMatchObject({ acquired: false, holder: { purpose: 'converge' } });
    await first.close();
    expect(await second.lock('create')).toMatchObject({ acquired: true });
  });

  test('the lock of a run in another process is a dead run’s', async () => {
    const world = freshWorld();
    await open(world).lock('converge');
    const copy = JSON.parse(JSON.stringify(world)) as World;
    expect(await open(copy).lock('create')).toMatchObject({ acquired: true });
  });

  test('what a killed run left open is found by the next, in another process too', async () => {
    const world = freshWorld();
    const node = open(world);
    const entry = { at: 1, run: 'r1', target: 8101, step: 's' } as const;
    await node.journal.append({ at: 1, run: 'r1', entry: 'run', purpose: 'create' });
    await node.journal.append({ ...entry, entry: 'begin', index: 0, operation: create });
    await node.journal.append({ ...entry, entry: 'end', index: 0, kind: 'done', exitCode: 0 });
    await node.journal.append({ ...entry, entry: 'begin', index: 1, operation: start });
    const next = open(JSON.parse(JSON.stringify(world)) as World);
    const { openEntries } = await next.observe('all', NO_NEEDS);
    expect(openEntries).toEqual([{ ...entry, entry: 'begin', index: 1, operation: start }]);
    await next.journal.finish(openEntries);
    expect((await next.observe('all', NO_NEEDS)).openEntries).toEqual(openEntries);
    await next.journal.finish([]);
    expect((await next.observe('all', NO_NEEDS)).openEntries).toEqual([]);
    expect(await next.host.files.list('/var/lib/phoenix/journal')).toEqual(['r1.ndjson']);
  });
});

describe('faults', () => {
  test.each([
    [{ fault: 'fail', when: 'before' }, 'refused', false],
    [{ fault: 'fail', when: 'after' }, 'refused', true],
    [{ fault: 'hang', when: 'before' }, 'lost', false],
    [{ fault: 'hang', when: 'after' }, 'lost', true],
  ] as const)('%j answers %s, container there: %s', async (fault, kind, isThere) => {
    const node = open(freshWorld(), { 0: fault });
    expect(await node.run(create, {})).toMatchObject({ kind });
    expect((await guestOf(node)) !== undefined).toBe(isThere);
  });

  test.each([
    [{ fault: 'kill', tool: 'not-started' }, undefined],
    [
      { fault: 'kill', tool: 'has-ended' },
      ['arch', 'hostname', 'memory', 'ostype', 'rootfs', 'swap', 'unprivileged'],
    ],
    [
      { fault: 'kill', tool: 'survives', afterCalls: 20 },
      ['arch', 'hostname', 'memory', 'ostype', 'rootfs', 'swap', 'unprivileged'],
    ],
  ] as const)('after %j the next run finds the keys %j', async (fault, keys) => {
    const world = freshWorld();
    const dead = open(world, { 0: fault });
    void dead.run(create, {});
    await dead.killed;
    const next = twinNode({ world, dialect: PVE_DIALECT, host: dead.host });
    await next.run({ ...COMMON, op: 'wait', in: 8101, for: 'task', timeoutMs: 60_000 }, {});
    const found = await guestOf(next);
    expect(found && [...found.config.head.keys.keys()]).toEqual(keys);
  });

  test('a tool that dies at any call leaves its locks and tasks free', async () => {
    const complete = ['arch', 'hostname', 'memory', 'ostype', 'rootfs', 'swap', 'unprivileged'].join();
    const states = new Set<string>();
    let calls = 0;
    for (let isEnded = false; !isEnded && calls < 500; calls++) {
      const world = freshWorld();
      const dead = open(world, { 0: { fault: 'kill', tool: 'dies', afterCalls: calls } });
      void dead.run(create, {});
      await dead.killed;
      expect(world.tasks).toEqual({});
      const next = twinNode({ world, dialect: PVE_DIALECT, host: dead.host });
      const found = await guestOf(next);
      const keys = found ? [...found.config.head.keys.keys()].join() : 'nothing';
      states.add(keys);
      isEnded = keys === complete;
      const unlock = await next.command(['pct', 'unlock', '8101'], {});
      expect(unlock.stderr).not.toContain('got timeout');
    }
    expect(states).toContain('nothing');
    expect(states).toContain(complete);
    expect(states.size).toBeGreaterThan(3);
  });

  test('a dead run hears of nothing and does nothing', async () => {
    const world = freshWorld();
    const dead = open(world, { 0: { fault: 'kill', tool: 'not-started' } });
    let heard = false;
    void dead.run(create, {}).then(() => (heard = true));
    await dead.killed;
    void dead.run(create, {}).then(() => (heard = true));
    void dead.journal.append({ at: 1, run: 'r', entry: 'run', purpose: 'x' }).then(() => (heard = true));
    await dead.host.sleep(600_000);
    expect(heard).toBe(false);
    expect(Object.keys(world.files).filter((path) => /8101|journal/.test(path))).toEqual([]);
  });
});
