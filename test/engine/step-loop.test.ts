import { describe, expect, test } from 'vitest';
import { run } from '../../src/engine/run.ts';
import type { Change } from '../../src/model/change.ts';
import type { Operation } from '../../src/model/operation.ts';
import { probeKey } from '../../src/model/probe-key.ts';
import { NOTHING, type Step, type StepAnswer } from '../../src/model/step.ts';
import { checkOf, factOf, settings, targetOf, type Toy, waitFor } from './toys.ts';
import { BUSY, createWorld, DONE, LOST, refused, requestOf, setOperation, type World } from './world.ts';

const target = { vmid: 101, keys: { memory: '1024' } };

describe('what becomes of an operation', () => {
  type Case = {
    readonly name: string;
    readonly fault: NonNullable<World['fault']>;
    readonly result: string;
    readonly exitCode: number;
    readonly codes: readonly string[];
  };
  const cases: readonly Case[] = [
    {
      name: 'refused and not done: the target fails',
      fault: () => ({ outcome: refused('no space') }),
      result: 'failed',
      exitCode: 1,
      codes: ['engine/operation-failed'],
    },
    {
      name: 'exit code 255 and done: the observation judges, with a warning',
      fault: () => ({ outcome: refused('something'), does: true }),
      result: 'changed',
      exitCode: 0,
      codes: ['engine/failed-but-done'],
    },
    {
      name: 'lost and done',
      fault: () => ({ outcome: LOST, does: true }),
      result: 'changed',
      exitCode: 0,
      codes: ['engine/failed-but-done'],
    },
    {
      name: 'lost and not done',
      fault: () => ({ outcome: LOST }),
      result: 'failed',
      exitCode: 1,
      codes: ['engine/no-answer'],
    },
    {
      name: 'exit code 0 and not done',
      fault: () => ({ outcome: { exitCode: 0, stdout: '', stderr: '', kind: 'done' } }),
      result: 'failed',
      exitCode: 1,
      codes: ['engine/change-did-not-hold'],
    },
    {
      name: 'busy twice, then done',
      fault: (_, nth) => (nth < 2 ? { outcome: BUSY } : undefined),
      result: 'changed',
      exitCode: 0,
      codes: [],
    },
    {
      name: 'busy for ever',
      fault: () => ({ outcome: BUSY }),
      result: 'failed',
      exitCode: 1,
      codes: ['engine/operation-failed'],
    },
    {
      name: 'a known message keeps its own code',
      fault: () => ({
        outcome: {
          ...refused('CT is locked'),
          diagnostic: { code: 'pve/locked', severity: 'error', summary: 'Locked', remedy: 'Unlock it' },
        },
      }),
      result: 'failed',
      exitCode: 1,
      codes: ['pve/locked'],
    },
  ];
  test.each(cases)('$name', async ({ fault, result, exitCode, codes }) => {
    const world = createWorld({ 101: { memory: '512' } });
    world.fault = fault;
    const outcome = await run(requestOf(world, [targetOf(target, { steps: [settings] })]));
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.targets[0]?.result).toBe(result);
    expect(outcome.targets[0]?.diagnostics.map(({ code }) => code)).toEqual(codes);
    expect(outcome.targets[0]?.operations).toHaveLength(1);
  });

  test.each<readonly [string, NonNullable<World['fault']>, readonly string[] | undefined]>([
    ['all is done', () => undefined, undefined],
    ['the first refuses', () => ({ outcome: refused('no') }), ['memory']],
    ['the first does nothing', () => ({ outcome: DONE }), ['memory']],
    [
      'the first says no and did it',
      (_, nth) => (nth < 1 ? { outcome: LOST, does: true } : undefined),
      undefined,
    ],
    [
      'the second refuses',
      ({ step }) => (step === 'features' ? { outcome: refused('no') } : undefined),
      ['feature docker'],
    ],
  ])('what is not done is told where %s', async (_, fault, undone) => {
    const world = createWorld({ 101: { memory: '512' } });
    world.fault = fault;
    const toy = targetOf({ ...target, features: ['docker'] });
    const [outcome] = (await run(requestOf(world, [toy]))).targets;
    expect(outcome?.undone?.map(({ attribute }) => attribute)).toEqual(undone);
  });

  test('a change that did not hold shows both states', async () => {
    const world = createWorld({ 101: { memory: '512' } });
    world.fault = () => ({ outcome: { exitCode: 0, stdout: '', stderr: '', kind: 'done' } });
    const { targets } = await run(requestOf(world, [targetOf(target, { steps: [settings] })]));
    expect(targets[0]?.diagnostics[0]?.detail).toBe(
      'memory: asked from "512" to "1024"; afterwards the node shows "512" and "1024" is asked for again.',
    );
  });

  test('retries wait longer each time, within a limit', async () => {
    const world = createWorld({ 101: { memory: '512' } });
    world.fault = () => ({ outcome: BUSY });
    const startedAt = world.now;
    await run(requestOf(world, [targetOf(target, { steps: [settings] })]));
    const pauses = world.events.flatMap((event) => (event.event === 'operation-retry' ? [event.inMs] : []));
    expect(pauses.slice(0, 6)).toEqual([750, 1500, 3000, 6000, 12_000, 15_000]);
    expect(world.now - startedAt).toBeLessThan(330_000);
    expect(world.now - startedAt).toBeGreaterThan(290_000);
  });
});

test('what no operation carries is left: reported, exit code 3, later steps go on', async () => {
  const world = createWorld({ 101: {} });
  const toy = targetOf({ vmid: 101, keys: { frozen: 'x', memory: '1' }, features: ['docker'] });
  const { exitCode, targets } = await run(requestOf(world, [toy]));
  expect(exitCode).toBe(3);
  expect(targets[0]).toMatchObject({ result: 'left', left: [{ attribute: 'frozen', effect: 'restart' }] });
  expect(world.facts).toContain(factOf(101, 'docker'));
  expect(world.guests.get(101)?.get('memory')).toBe('1');
});

test('a change that was carried and then only waits for a restart is left, not an error', async () => {
  const queued: Step<Toy> = {
    name: 'queued',
    plan: ({ observed }) => {
      const isQueued = observed.guest?.config.head.keys.get('pending') === '1';
      return {
        ...NOTHING,
        changes: [changeOf('memory', 'restart')],
        operations: isQueued ? [] : [setOperation(101, { pending: '1' }, { changes: ['memory'] })],
      };
    },
  };
  const world = createWorld({ 101: {} });
  const { exitCode, targets } = await run(requestOf(world, [targetOf(target, { steps: [queued] })]));
  expect(exitCode).toBe(3);
  expect(targets[0]?.changes).toHaveLength(1);
  expect(targets[0]?.operations).toHaveLength(1);
});

test('an operation that says no and queued the change all the same leaves it, with a warning', async () => {
  const queued: Step<Toy> = {
    name: 'queued',
    plan: ({ observed }) => ({
      ...NOTHING,
      changes: [changeOf('memory', 'restart')],
      operations: observed.guest?.config.head.keys.has('pending')
        ? []
        : [setOperation(101, { pending: '1' }, { changes: ['memory'] })],
    }),
  };
  const world = createWorld({ 101: {} });
  world.fault = () => ({ outcome: refused('something else'), does: true });
  const { exitCode, targets } = await run(requestOf(world, [targetOf(target, { steps: [queued] })]));
  expect(exitCode).toBe(3);
  expect(targets[0]?.diagnostics).toMatchObject([{ code: 'engine/failed-but-done', severity: 'warning' }]);
});

test('an operation that says no and then needs a consent that nobody gave is a failure', async () => {
  const destroying: Step<Toy> = {
    name: 'destroying',
    plan: ({ observed }) => {
      const isSpoilt = observed.guest?.config.head.keys.has('spoilt') === true;
      return {
        ...NOTHING,
        changes: [changeOf('pool', isSpoilt ? 'destroys-data' : 'live')],
        operations: isSpoilt ? [] : [setOperation(101, { spoilt: '1' }, { changes: ['pool'] })],
      };
    },
  };
  const world = createWorld({ 101: {} });
  world.fault = () => ({ outcome: refused('a device is unavailable'), does: true });
  const { exitCode, targets } = await run(requestOf(world, [targetOf(target, { steps: [destroying] })]));
  expect(exitCode).toBe(1);
  expect(targets[0]?.diagnostics).toMatchObject([
    { code: 'engine/operation-failed', detail: expect.stringContaining('a device is unavailable') as string },
  ]);
});

test('a step that always finds something else ends after three passes', async () => {
  let asked = 0;
  const restless: Step<Toy> = {
    name: 'restless',
    plan: () => {
      asked += 1;
      return {
        ...NOTHING,
        changes: [changeOf(`change ${asked}`)],
        operations: [setOperation(101, { [`key${asked}`]: '1' }, { changes: [`change ${asked}`] })],
      };
    },
  };
  const world = createWorld({ 101: {} });
  const { targets } = await run(requestOf(world, [targetOf(target, { steps: [restless] })]));
  expect(targets[0]?.operations).toHaveLength(3);
  expect(targets[0]?.diagnostics.map(({ code }) => code)).toEqual(['engine/does-not-settle']);
});

test('a finished step skips the later ones', async () => {
  const finished: Step<Toy> = { name: 'finished', plan: () => ({ ...NOTHING, finished: true }) };
  const world = createWorld({ 101: {} });
  const { targets } = await run(requestOf(world, [targetOf(target, { steps: [finished, settings] })]));
  expect(targets[0]).toMatchObject({ result: 'unchanged', operations: [] });
});

test('an error of a step stops the target before its operations', async () => {
  const wrong: Step<Toy> = {
    name: 'wrong',
    plan: () => ({
      ...NOTHING,
      operations: [setOperation(101, { a: '1' })],
      diagnostics: [{ code: 'toy/wrong', severity: 'error', summary: 'Wrong' }],
    }),
  };
  const world = createWorld({ 101: {} });
  const { exitCode, targets } = await run(requestOf(world, [targetOf(target, { steps: [wrong, settings] })]));
  expect(exitCode).toBe(1);
  expect(targets[0]).toMatchObject({ result: 'failed', reason: 'Wrong' });
  expect(targets[0]?.diagnostics).toMatchObject([{ code: 'toy/wrong', target: 101 }]);
  expect(world.ran).toEqual([]);
});

test('a warning that is said at every question is reported once', async () => {
  const warning: Step<Toy> = {
    name: 'warning',
    plan: (input) => ({
      ...settings.plan(input),
      diagnostics: [{ code: 'toy/odd', severity: 'warning', summary: 'Odd' }],
    }),
  };
  const world = createWorld({ 101: {} });
  const { exitCode, targets } = await run(requestOf(world, [targetOf(target, { steps: [warning] })]));
  expect(exitCode).toBe(0);
  expect(targets[0]?.diagnostics).toHaveLength(1);
  expect(world.events.filter(({ event }) => event === 'diagnostic')).toHaveLength(1);
});

describe('probes', () => {
  test('are asked once, and again after an operation', async () => {
    const world = createWorld({ 101: {} });
    const toy = targetOf({ vmid: 101, keys: {}, features: ['docker', 'base'] });
    const { targets } = await run(requestOf(world, [toy]));
    expect(world.ran.map(describeOperation)).toEqual([
      'check docker',
      'check base',
      'exec docker',
      'exec base',
      'check docker',
      'check base',
    ]);
    expect(targets[0]?.checks).toHaveLength(2);
    expect(targets[0]?.operations.map(describeOperation)).toEqual(['exec docker', 'exec base']);
  });

  test('of two steps share an answer until something is done', async () => {
    const world = createWorld({ 101: {} });
    const asking = (name: string): Step<Toy> => ({
      name,
      plan: () => ({ ...NOTHING, probes: [checkOf(101, 'docker', name)] }),
    });
    await run(requestOf(world, [targetOf(target, { steps: [asking('one'), asking('two')] })]));
    expect(world.ran).toHaveLength(1);
  });

  test('that a step asks without end are a bug', async () => {
    const world = createWorld({ 101: {} });
    let count = 0;
    const curious: Step<Toy> = {
      name: 'curious',
      plan: () => {
        count += 1;
        return { ...NOTHING, probes: [checkOf(101, `thing ${count}`)] };
      },
    };
    const { exitCode } = await run(requestOf(world, [targetOf(target, { steps: [curious] })]));
    expect(exitCode).toBe(70);
  });

  test('among the operations stop a pass that fails, and the step is asked what it means', async () => {
    const verified: Step<Toy> = {
      name: 'verified',
      plan: ({ observed }) => {
        const check = checkOf(101, 'docker');
        if (observed.guest?.config.head.keys.has('installed')) {
          const answer = observed.answers.get(probeKey(check));
          return answer && answer.kind !== 'done' ? failed('toy/not-healthy') : NOTHING;
        }
        return {
          ...NOTHING,
          operations: [setOperation(101, { installed: '1' }), check, setOperation(101, { recorded: '1' })],
        };
      },
    };
    const world = createWorld({ 101: {} });
    const { targets } = await run(requestOf(world, [targetOf(target, { steps: [verified] })]));
    expect(targets[0]?.diagnostics.map(({ code }) => code)).toEqual([
      'engine/operation-failed',
      'toy/not-healthy',
    ]);
    expect(world.guests.get(101)?.has('recorded')).toBe(false);
  });
});

describe('waits', () => {
  const ready = (what: 'network' | 'running', needs: readonly string[] = []): Step<Toy> => ({
    name: 'ready',
    plan: () => ({ ...NOTHING, operations: [waitFor(101, what, needs)] }),
  });

  test('are no changes: nothing is journaled, and a good one is not repeated', async () => {
    const world = createWorld({ 101: { memory: '1024' } });
    const { targets } = await run(
      requestOf(world, [targetOf(target, { steps: [settings, ready('network')] })]),
    );
    expect(targets[0]).toMatchObject({ result: 'unchanged', operations: [], checks: [] });
    expect(world.ran).toHaveLength(1);
    expect(world.journal).toEqual([]);
    expect(world.observations).toHaveLength(1);
  });

  test('for what an observation shows are followed by one', async () => {
    const world = createWorld({ 101: {} });
    await run(requestOf(world, [targetOf(target, { steps: [ready('running')] })]));
    expect(world.observations).toHaveLength(2);
  });

  test('that fail end the target', async () => {
    const world = createWorld({ 101: {} });
    const step = ready('network', ['never']);
    const { targets } = await run(requestOf(world, [targetOf(target, { steps: [step, settings] })]));
    expect(targets[0]?.result).toBe('failed');
    expect(targets[0]?.diagnostics[0]?.detail).toContain('wait until network');
    expect(world.ran).toHaveLength(1);
  });
});

test('a step that throws is a bug: that target fails, the others go on, exit code 70', async () => {
  const broken: Step<Toy> = {
    name: 'broken',
    plan: () => {
      throw new Error('oops');
    },
  };
  const world = createWorld({ 101: {}, 102: {} });
  const { exitCode, targets } = await run(
    requestOf(world, [
      targetOf(target, { steps: [broken] }),
      targetOf({ vmid: 102, keys: { a: '1' } }, { steps: [settings] }),
    ]),
  );
  expect(exitCode).toBe(70);
  expect(targets.map(({ result }) => result)).toEqual(['failed', 'changed']);
  expect(targets[0]?.diagnostics).toMatchObject([{ code: 'phoenix/bug', target: 101 }]);
  expect(targets[0]?.diagnostics[0]?.detail).toContain('oops');
});

test('fills are filled for the node and stay unfilled in the result', async () => {
  const world = createWorld({ 101: { memory: '512' } });
  const request = requestOf(world, [targetOf(target, { steps: [settings] })], {
    dialect: {
      fill: (operation, observation) =>
        operation.op === 'pve'
          ? {
              ...operation,
              params: {
                ...operation.params,
                seen: observation.guests.get(101)?.config.head.keys.get('memory') ?? '',
              },
            }
          : operation,
      gateWidth: () => 1,
    },
  });
  const { targets } = await run(request);
  expect(world.ran[0]).toMatchObject({ params: { memory: '1024', seen: '512' } });
  expect(targets[0]?.operations[0]).toEqual(setOperation(101, { memory: '1024' }));
});

function changeOf(attribute: string, effect: Change['effect'] = 'live'): Change {
  return { target: 101, step: 'toy', attribute, before: 'a', after: 'b', effect };
}

function failed(code: string): StepAnswer {
  return { ...NOTHING, diagnostics: [{ code, severity: 'error', summary: 'Failed' }] };
}

function describeOperation(operation: Operation): string {
  if (operation.op === 'exec') return `exec ${operation.argv?.[1]}`;
  if (operation.op === 'check' && operation.probe.kind === 'command') {
    return `check ${operation.probe.argv?.[1]}`;
  }
  return operation.op;
}
