import { describe, expect, test } from 'vitest';
import { run } from '../../src/engine/run.ts';
import type { JournalEntry } from '../../src/model/journal.ts';
import type { DesiredGuest, Folder } from '../../src/model/desired.ts';
import { probeKey } from '../../src/model/probe-key.ts';
import { NOTHING, type Step } from '../../src/model/step.ts';
import { operationText } from '../../src/model/operation.ts';
import { Secret } from '../../src/model/value.ts';
import { checkOf, factOf, settings, targetOf, waitFor, type Toy } from './toys.ts';
import { BUSY, createWorld, diagnosticsIn, LOST, refused, requestOf, setOperation } from './world.ts';

describe('the lock', () => {
  test('held by another: exit code 1, says who, since when and for what, and looks at nothing', async () => {
    const world = createWorld({ 101: {} });
    world.holder = { pid: 4711, host: 'pve1', since: world.now - 300_000, purpose: 'converge 900 golden' };
    const result = await run(requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })]));
    expect(result).toMatchObject({ exitCode: 1, targets: [], diagnostics: [{ code: 'engine/locked' }] });
    expect(result.diagnostics[0]?.detail).toBe('Process 4711 on pve1, for 5 min: converge 900 golden');
    expect(world.observations).toEqual([]);
    expect(diagnosticsIn(world.events)).toHaveLength(1);
  });

  test('is neither asked for nor is a journal written where the run is not journaled', async () => {
    const world = createWorld({ 101: {} });
    world.holder = { pid: 1, host: 'pve1', since: 0, purpose: 'x' };
    const request = requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })], { isJournaled: false });
    expect((await run(request)).exitCode).toBe(0);
    expect(world.journal).toEqual([]);
    expect(world.finished).toEqual([]);
  });

  test('is given back when the node cannot be observed, exit code 69', async () => {
    const world = createWorld({});
    world.failObserve = new Error('connection refused');
    const result = await run(requestOf(world, [targetOf({ vmid: 101, keys: {} })]));
    expect(result).toMatchObject({ exitCode: 69, diagnostics: [{ code: 'engine/node-not-observed' }] });
    expect(world.locked).toBe(false);
  });
});

describe('the journal', () => {
  test('begins before each operation and ends after it, also a failed one', async () => {
    const world = createWorld({ 101: {} });
    const writtenBefore: (JournalEntry | undefined)[] = [];
    world.onRun = () => writtenBefore.push(world.journal.at(-1));
    world.fault = () => ({ outcome: refused('no') });
    await run(requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })]));
    expect(writtenBefore).toMatchObject([{ entry: 'begin', index: 0, target: 101 }]);
    expect(world.journal).toMatchObject([
      { entry: 'run', purpose: 'converge 101 toy' },
      { entry: 'begin', index: 0, step: 'settings' },
      { entry: 'failed', index: 0, kind: 'refused', exitCode: 255 },
      { entry: 'finish', exitCode: 1 },
    ]);
  });

  test('carries on a call that failed, once however often it was begun', async () => {
    const world = createWorld({ 101: {} });
    world.fault = () => ({ outcome: refused('no') });
    const request = () => requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })]);
    await run(request());
    world.openEntries = world.finished.at(-1) ?? [];
    await run(request());
    expect(world.finished.at(-1)).toMatchObject([{ entry: 'begin', target: 101, step: 'settings' }]);
    delete world.fault;
    world.openEntries = world.finished.at(-1) ?? [];
    await run(request());
    expect(world.finished.at(-1)).toEqual([]);
  });

  test('writes one entry for an operation that had to be tried again', async () => {
    const world = createWorld({ 101: {} });
    world.fault = (_, nth) => (nth < 3 ? { outcome: BUSY } : undefined);
    await run(requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })]));
    expect(world.journal.map(({ entry }) => entry)).toEqual(['run', 'begin', 'end', 'finish']);
  });

  test('keeps an operation open whose answer was lost, while its target is not completed', async () => {
    const world = createWorld({ 101: {}, 102: {} });
    world.fault = (operation) => ({ outcome: LOST, does: operation.target === 102 });
    const keys = { a: '1' };
    await run(requestOf(world, [targetOf({ vmid: 101, keys }), targetOf({ vmid: 102, keys })]));
    expect(world.finished).toMatchObject([[{ entry: 'begin', target: 101 }]]);
  });

  test('carries open entries of earlier runs but those of targets that this run completed', async () => {
    const world = createWorld({ 101: { a: '1' } });
    world.openEntries = [openEntry(101), openEntry(555)];
    const { targets } = await run(requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })]));
    expect(targets[0]?.result).toBe('unchanged');
    expect(world.journal).toEqual([]);
    expect(world.finished).toMatchObject([[{ target: 555 }]]);
  });

  test('is left alone where open entries concern others only and nothing is done', async () => {
    const world = createWorld({ 101: { a: '1' } });
    world.openEntries = [openEntry(555)];
    await run(requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })]));
    expect(world.finished).toEqual([]);
  });

  test('that cannot be written keeps the operation from starting', async () => {
    const world = createWorld({ 101: {} });
    const request = requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })]);
    const journal = { ...request.node.journal, append: async () => Promise.reject(new Error('disk full')) };
    const { targets } = await run({ ...request, node: { ...request.node, journal } });
    expect(targets[0]?.diagnostics).toMatchObject([{ code: 'engine/journal-not-written' }]);
    expect(world.ran).toEqual([]);
  });

  test('and events hold a secret by its reference only', async () => {
    const canary = 'canary-5f0c';
    const secret = new Secret('env:TOKEN', () => canary);
    const step: Step<Toy> = {
      name: 'secret',
      plan: ({ observed }) =>
        observed.guest?.config.head.keys.has('token')
          ? NOTHING
          : {
              ...NOTHING,
              operations: [
                {
                  ...setOperation(101, { token: '' }),
                  op: 'pve',
                  call: 'set',
                  vmid: 101,
                  params: { token: secret },
                },
              ],
            },
    };
    const world = createWorld({ 101: {} });
    const result = await run(requestOf(world, [targetOf({ vmid: 101, keys: {} }, { steps: [step] })]));
    expect(result.exitCode).toBe(0);
    expect(JSON.stringify([world.journal, world.events, result])).not.toContain(canary);
    expect(JSON.stringify(world.journal)).toContain('env:TOKEN');
  });
});

describe('an interrupt', () => {
  test('starts nothing new, lets what changes the node end, says how to go on, exit code 130', async () => {
    const world = createWorld({ 101: {}, 102: {}, 103: {} });
    const interrupt = new AbortController();
    world.onRun = () => interrupt.abort();
    const keys = { a: '1' };
    const result = await run(
      requestOf(
        world,
        [
          targetOf({ vmid: 101, keys, features: ['docker'] }),
          targetOf({ vmid: 102, keys }, { after: [101] }),
        ],
        { signal: interrupt.signal },
      ),
    );
    expect(result.exitCode).toBe(130);
    expect(result.targets.map((outcome) => outcome.result)).toEqual(['interrupted', 'interrupted']);
    expect(world.ran).toHaveLength(1);
    expect(world.guests.get(101)?.get('a')).toBe('1');
    expect(world.journal.map(({ entry }) => entry)).toEqual(['run', 'begin', 'end', 'finish']);
    expect(result.diagnostics).toMatchObject([{ code: 'engine/interrupted' }]);
    expect(result.diagnostics[0]?.remedy).toContain('same command');
    expect(world.locked).toBe(false);
  });

  test('reaches what runs: a script that the node ended for it counts as interrupted, not as failed', async () => {
    const world = createWorld({ 101: {} });
    const interrupt = new AbortController();
    const request = requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })], {
      signal: interrupt.signal,
    });
    const { node } = request;
    const result = await run({
      ...request,
      node: {
        ...node,
        run: async (_, { signal }) => {
          const ended = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
          interrupt.abort();
          await ended;
          return LOST;
        },
      },
    });
    expect(result).toMatchObject({ exitCode: 130, targets: [{ result: 'interrupted', diagnostics: [] }] });
    expect(world.finished).toMatchObject([[{ entry: 'begin', target: 101 }]]);
  });

  test('also keeps out what already waits at a gate', async () => {
    const world = createWorld({ 101: {}, 102: {} });
    const interrupt = new AbortController();
    world.onRun = () => interrupt.abort();
    const toy = { keys: { a: '1' }, gates: ['storage:local'] };
    const targets = [targetOf({ vmid: 101, ...toy }), targetOf({ vmid: 102, ...toy })];
    const result = await run(requestOf(world, targets, { signal: interrupt.signal }));
    expect(result.exitCode).toBe(130);
    expect(world.ran).toHaveLength(1);
    expect(world.guests.get(102)?.has('a')).toBe(false);
  });

  test('ends a pause before the next try', async () => {
    const world = createWorld({ 101: {} });
    const interrupt = new AbortController();
    world.fault = () => ({ outcome: BUSY });
    const request = requestOf(world, [targetOf({ vmid: 101, keys: { a: '1' } })], {
      signal: interrupt.signal,
    });
    const sleep = async (): Promise<void> => {
      interrupt.abort();
      throw new Error('aborted');
    };
    const result = await run({ ...request, node: { ...request.node, sleep } });
    expect(result).toMatchObject({ exitCode: 130, targets: [{ result: 'interrupted' }] });
    expect(world.ran).toHaveLength(1);
  });

  test('before the first observation', async () => {
    const world = createWorld({ 101: {} });
    world.failObserve = new Error('aborted');
    const request = requestOf(world, [targetOf({ vmid: 101, keys: {} })], { signal: AbortSignal.abort() });
    expect(await run(request)).toMatchObject({ exitCode: 130, targets: [] });
  });
});

describe('dependants', () => {
  test('of a failure are skipped, with the reason, and theirs too; others go on', async () => {
    const world = createWorld({ 101: {}, 102: {}, 103: {}, 104: {} });
    world.fault = (operation) => (operation.target === 101 ? { outcome: refused('no') } : undefined);
    const keys = { a: '1' };
    const { exitCode, targets } = await run(
      requestOf(world, [
        targetOf({ vmid: 101, keys }),
        targetOf({ vmid: 102, keys }, { after: [101] }),
        targetOf({ vmid: 103, keys }, { after: [102] }),
        targetOf({ vmid: 104, keys }),
      ]),
    );
    expect(exitCode).toBe(1);
    expect(targets.map(({ result, reason }) => [result, reason])).toEqual([
      ['failed', 'An operation failed'],
      ['skipped', '101 toy failed'],
      ['skipped', '102 toy was skipped'],
      ['changed', undefined],
    ]);
  });

  test('see what the run did to what they depend on', async () => {
    const world = createWorld({ 900: {}, 101: {} });
    const seen: (string | undefined)[] = [];
    const looking: Step<Toy> = {
      name: 'looking',
      plan: ({ observed }) => {
        seen.push(observed.node.guests.get(900)?.config.head.keys.get('golden'));
        return NOTHING;
      },
    };
    await run(
      requestOf(world, [
        targetOf({ vmid: 101, keys: {} }, { after: [900], steps: [looking] }),
        targetOf({ vmid: 900, keys: { golden: 'yes' } }, { steps: [settings] }),
      ]),
    );
    expect(seen).toEqual(['yes']);
  });

  test.each([
    ['was only waited for', waitFor(900, 'init'), 0, 2],
    ['was asked and answered late', checkOf(900, 'web', 'health'), 5_000, 2],
    ['was asked and answered at once', checkOf(900, 'web', 'health'), 0, 1],
  ])('look anew where what they depend on %s', async (_, probe, takesMs, observations) => {
    const world = createWorld({ 900: {}, 101: {} });
    world.facts.add(factOf(900, 'web'));
    world.onRun = () => {
      world.now += takesMs;
    };
    const asking: Step<Toy> = {
      name: 'asking',
      plan: ({ observed }) =>
        probe.op === 'check'
          ? { ...NOTHING, probes: observed.answers.has(probeKey(probe)) ? [] : [probe] }
          : { ...NOTHING, operations: [probe] },
    };
    await run(
      requestOf(world, [
        targetOf({ vmid: 900, keys: {} }, { steps: [asking] }),
        targetOf({ vmid: 101, keys: {} }, { after: [900], steps: [] }),
      ]),
    );
    expect(world.observations).toHaveLength(observations);
  });

  test('in a circle fail with a diagnostic instead of waiting for ever', async () => {
    const world = createWorld({});
    const { exitCode, targets } = await run(
      requestOf(world, [
        targetOf({ vmid: 101, keys: {} }, { after: [102] }),
        targetOf({ vmid: 102, keys: {} }, { after: [101] }),
      ]),
    );
    expect(exitCode).toBe(1);
    expect(targets.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code))).toEqual([
      'engine/circular-dependency',
      'engine/circular-dependency',
    ]);
  });
});

describe('observations', () => {
  test('the first covers the targets, their sources and dependencies, and what steps need, once', async () => {
    const world = createWorld({ 101: {}, 102: {} });
    const guests = new Map([
      [101, { cloneFrom: { vmid: 900 }, dependencies: [102, 103] } as unknown as DesiredGuest],
    ]);
    const folder: Folder = { path: '/f', folderId: 'f', hypervisor: { settings: {} }, guests };
    const targets = [targetOf({ vmid: 101, keys: {} }), targetOf({ vmid: 102, keys: {} })];
    await run(requestOf(world, targets, { folder }));
    expect(world.observations).toEqual([
      { scope: [101, 900, 102, 103], needs: { paths: ['/srv/101', '/srv/102'], volumesOf: ['local'] } },
    ]);
  });

  test('list what steps from here on need, and volumes only at first and after a failure', async () => {
    const world = createWorld({ 101: {} });
    world.fault = (operation) => (operation.op === 'pve' ? { outcome: LOST, does: true } : undefined);
    const toy = targetOf({ vmid: 101, keys: { a: '1' }, features: ['x'] });
    expect((await run(requestOf(world, [toy]))).exitCode).toBe(0);
    expect(world.observations.map(({ needs }) => needs)).toEqual([
      { paths: ['/srv/101'], volumesOf: ['local'] },
      { paths: ['/srv/101'], volumesOf: ['local'] },
      { paths: [], volumesOf: [] },
    ]);
    delete world.fault;
    world.guests.get(101)?.set('a', '2');
    await run(requestOf(world, [toy]));
    expect(world.observations.at(-1)?.needs).toEqual({ paths: ['/srv/101'], volumesOf: [] });
  });

  test('after operations cover that target only, and what else was seen stays in view', async () => {
    const world = createWorld({ 101: {}, 102: { other: 'x' } });
    const views: [number, readonly number[], string | undefined][] = [];
    const looking: Step<Toy> = {
      name: 'looking',
      plan: ({ observed }) => {
        const { guests } = observed.node;
        const ids = [...guests.keys()].toSorted((a, b) => a - b);
        views.push([guests.size, ids, guests.get(102)?.config.head.keys.get('other')]);
        return NOTHING;
      },
    };
    await run(
      requestOf(world, [
        targetOf({ vmid: 101, keys: { a: '1' } }, { steps: [settings, looking] }),
        targetOf({ vmid: 102, keys: { other: 'x' } }),
      ]),
    );
    expect(world.observations.map(({ scope }) => scope)).toEqual([[101, 102], [101]]);
    expect(views).toEqual([[2, [101, 102], 'x']]);
  });
});

test('what else an operation touched is observed with its target: the source of a clone', async () => {
  const world = createWorld({ 900: { lock: 'disk' }, 101: {} });
  const unlock: Step<Toy> = {
    name: 'unlock',
    plan: ({ observed }) => {
      const lock = observed.node.guests.get(900)?.config.head.keys.get('lock');
      if (lock !== 'disk') return NOTHING;
      const operation = { ...setOperation(900, { lock: '' }, { changes: ['lock of 900'] }), target: 101 };
      const change = {
        target: 101,
        step: 'unlock',
        attribute: 'lock of 900',
        before: 'disk',
        after: undefined,
      };
      return { ...NOTHING, changes: [{ ...change, effect: 'live' }], operations: [operation] };
    },
  };
  const guests = new Map([[101, { cloneFrom: { vmid: 900 }, dependencies: [] } as unknown as DesiredGuest]]);
  const folder: Folder = { path: '/f', folderId: 'f', hypervisor: { settings: {} }, guests };
  const target = targetOf({ vmid: 101, keys: {} }, { steps: [unlock] });
  const { exitCode } = await run(requestOf(world, [target], { folder }));
  expect(exitCode).toBe(0);
  expect(world.observations.map(({ scope }) => scope)).toEqual([
    [101, 900],
    [101, 900],
  ]);
});

test('a target that turns out not to be wanted is left out, and what comes after it goes on', async () => {
  const world = createWorld({ 101: {}, 102: {} });
  const { targets } = await run(
    requestOf(world, [
      { ...targetOf({ vmid: 101, keys: { a: '1' } }), isWanted: ({ guests }) => !guests.has(101) },
      targetOf({ vmid: 102, keys: { a: '1' } }, { after: [101] }),
    ]),
  );
  expect(targets.map(({ target, result }) => [target, result])).toEqual([[102, 'changed']]);
  expect(world.events[0]).toMatchObject({ event: 'run-start', targets: [102] });
});

test('the operations of a run on a copy equal those of the run itself', async () => {
  const targets = [
    targetOf({ vmid: 101, keys: { a: '1' }, features: ['x', 'y'], gates: ['storage:s'] }),
    targetOf({ vmid: 102, keys: { b: '2' }, gates: ['storage:s'] }, { after: [101] }),
  ];
  const copy = createWorld({ 101: {}, 102: {} });
  const planned = await run(requestOf(copy, targets, { isJournaled: false }));
  const real = createWorld({ 101: {}, 102: {} });
  real.fault = (_, nth) => (nth % 3 === 1 ? { outcome: BUSY } : undefined);
  const done = await run(requestOf(real, targets));
  expect(done.exitCode).toBe(0);
  expect(done.targets.map(({ operations }) => operations)).toEqual(
    planned.targets.map(({ operations }) => operations),
  );
});

test('1,000 targets with nothing to do cost one observation and little time, growing evenly', async () => {
  const timeOf = async (count: number): Promise<number> => {
    const world = createWorld(
      Object.fromEntries(Array.from({ length: count }, (_, index) => [100 + index, { a: '1' }])),
    );
    const targets = Array.from({ length: count }, (_, index) =>
      targetOf({ vmid: 100 + index, keys: { a: '1' } }, { after: index % 10 === 0 ? [] : [100 + index - 1] }),
    );
    const startedAt = performance.now();
    const result = await run(requestOf(world, targets, { emit: () => {} }));
    const elapsed = performance.now() - startedAt;
    expect(result.exitCode).toBe(0);
    expect(world.observations).toHaveLength(1);
    return elapsed;
  };
  await timeOf(100);
  const best = Math.min(await timeOf(1000), await timeOf(1000), await timeOf(1000));
  expect(best).toBeLessThan(200);
  const tenfold = Math.min(await timeOf(10_000), await timeOf(10_000));
  expect(tenfold).toBeLessThan(best * 30);
});

function openEntry(target: number): JournalEntry {
  return {
    at: 1,
    run: 'earlier',
    entry: 'begin',
    index: 0,
    target,
    step: 'settings',
    operation: setOperation(target, { a: '1' }),
  };
}

describe('what was agreed on beforehand', () => {
  const toy = { vmid: 101, keys: { a: '1', b: '2' } };
  const planned = setOperation(101, { a: '1', b: '2' });

  test('is run where it is what the steps ask for', async () => {
    const world = createWorld({ 101: {} });
    const agreed = new Map([[101, [operationText(planned)]]]);
    const result = await run({ ...requestOf(world, [targetOf(toy)]), agreed });
    expect(result.targets).toMatchObject([{ result: 'changed' }]);
    expect(world.guests.get(101)).toEqual(new Map(Object.entries(toy.keys)));
  });

  test.each([
    ['another operation', [operationText(setOperation(101, { a: '1' }))]],
    ['one more operation', []],
  ])('stops its target before %s', async (_, operations) => {
    const world = createWorld({ 101: {}, 102: {} });
    const other = { vmid: 102, keys: { c: '3' } };
    const agreed = new Map([
      [101, operations],
      [102, [operationText(setOperation(102, { c: '3' }))]],
    ]);
    const result = await run({ ...requestOf(world, [targetOf(toy), targetOf(other)]), agreed });
    expect(result.targets).toMatchObject([
      { target: 101, result: 'failed', diagnostics: [{ code: 'engine/not-agreed' }], operations: [] },
      { target: 102, result: 'changed' },
    ]);
    expect(world.ran).toHaveLength(1);
    expect(world.guests.get(101)).toEqual(new Map());
  });
});
