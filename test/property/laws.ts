import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Folder } from '../../src/model/desired.ts';
import { isProbe } from '../../src/model/operation.ts';
import type { RunResult } from '../../src/model/plan.ts';
import { freshWorld, type Faults, type World } from '../../src/twin/index.ts';
import { converge, modelOf } from './converge.ts';
import { createCoverage } from './coverage.ts';
import { doByHand, type Deed } from './hands.ts';

/** A kind of folder: how it is drawn and loaded, and what must be so in a world where it was converged. */
export type Subject<Json> = {
  readonly folders: fc.Arbitrary<Json>;
  readonly deeds: fc.Arbitrary<readonly Deed[]>;
  /** The folder without what forbids that another one follows it. */
  readonly unprotected: (folder: Json) => Json;
  /** What of `next` may follow `before` on the same node. */
  readonly successor: (before: Json, next: Json) => Json;
  readonly load: (folder: Json) => Promise<Folder>;
  /** The guests as their configuration says them, by id. */
  readonly guests: (folder: Json) => ReadonlyMap<number, object>;
  /** Is this guest there to be cloned, and never to run? */
  readonly isGolden: (folder: Json, vmid: number) => boolean;
  /** What of the folder is not so in the world, read from its files with a reader of its own. */
  readonly unmet: (world: World, folder: Json) => readonly string[];
  /** Everything on the node that is not this folder's: other guests, others' entries in our guests. */
  readonly foreignParts: (world: World) => unknown;
  /** Volumes that are attached to our guests and do not wait for being detached. */
  readonly attached: (world: World) => readonly string[];
  readonly isOurs: (vmid: number) => boolean;
  /** Each key, change, effect, fault and gate that the generators must reach. */
  readonly wanted: readonly string[];
  /** How many cases each law is tried on. */
  readonly runs: number;
  /** How often they must have reached each of those. */
  readonly least: number;
};

/** The laws that hold for any reachable world, any valid folder and any fault, tried on one kind of folder. */
export function tryLaws<Json>(subject: Subject<Json>): void {
  const { folders, deeds, unprotected, successor, load, unmet, foreignParts, attached } = subject;
  const { runs, least } = subject;
  const coverage = createCoverage();

  // Every run of the tests tries the same cases, unless it is told otherwise.
  fc.configureGlobal({ seed: Number(process.env['PHOENIX_PROPERTY_SEED'] ?? 20261123) });

  /** Any reachable world: what another version of the folder made of a fresh node, and what people did to it since. */
  const worlds = fc.record({ before: folders.map(unprotected), byHand: deeds, next: folders });

  async function reach({ before, byHand }: { before: Json; byHand: readonly Deed[] }): Promise<World> {
    const world = { ...freshWorld(), cpuCount: 8 };
    const { result } = await converge(world, await load(before));
    note(before, result);
    expect(problemsOf(result)).toEqual([]);
    await doByHand(world, byHand);
    return world;
  }

  test('any reachable world and any valid folder converge; what is foreign is untouched; a second run does nothing', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ before, byHand, next: drawn }) => {
        const next = successor(before, drawn);
        const world = await reach({ before, byHand });
        const foreign = foreignParts(world);
        const folder = await load(next);
        const first = await converge(world, folder);
        note(next, first.result);
        expect(problemsOf(first.result)).toEqual([]);
        expect(unmet(world, next)).toEqual([]);
        expect(foreignParts(world)).toEqual(foreign);
        const settled = structuredClone(world);
        const second = await converge(world, folder);
        expect(second.ran.filter((one) => !isProbe(one))).toEqual([]);
        expect(second.result?.exitCode).toBe(0);
        expect(stateOf(world)).toEqual(stateOf(settled));
      }),
      { numRuns: runs },
    );
  }, 600_000);

  test('without consent nobody is restarted and no volume is detached', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ before, byHand, next }) => {
        const world = await reach({ before, byHand });
        const running = runningGuests(world, subject.isOurs);
        const held = attached(world);
        await converge(world, await load(successor(before, next)), { consent: 'live' });
        const pids = runningGuests(world, subject.isOurs);
        for (const [vmid, pid] of running) {
          if (!subject.isGolden(before, vmid)) expect(pids.get(vmid), `guest ${vmid}`).toBe(pid);
        }
        expect(attached(world)).toEqual(expect.arrayContaining([...held]));
      }),
      { numRuns: Math.ceil(runs / 3) },
    );
  }, 600_000);

  test('what is planned from one observation is what is run, word for word', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ before, byHand, next: drawn }) => {
        const next = successor(before, drawn);
        const world = await reach({ before, byHand });
        const folder = await load(next);
        const planned = await converge(await modelOf(world, folder), folder);
        const ran = await converge(world, folder);
        for (const target of ran.result?.targets ?? []) {
          const plan = planned.result?.targets.find((one) => one.target === target.target);
          coverage.hit(`plan ${target.operations.length === 0 ? 'of nothing' : 'of something'}`);
          // What a guest that was stopped has inside is known to nobody before it runs.
          const isKnown = !plan?.changes.some(({ assumes }) => assumes !== undefined);
          if (isKnown) expect(plan?.operations).toEqual(target.operations);
          else coverage.hit('plan that assumes');
        }
      }),
      { numRuns: runs },
    );
  }, 600_000);

  test('a fault at any operation, then a plain run: the same state is reached', async () => {
    await fc.assert(
      fc.asyncProperty(
        worlds,
        fault,
        fc.record({
          kind: fc.constantFrom('any', 'any', 'any', 'edit', 'check', 'exec'),
          nth: fc.integer({ min: 0, max: 40 }),
        }),
        async ({ before, byHand, next: drawn }, struck, { kind, nth }) => {
          const next = successor(before, drawn);
          const world = await reach({ before, byHand });
          const foreign = foreignParts(world);
          const folder = await load(next);
          let hasStruck = false;
          let seen = 0;
          const last = kind === 'any' ? nth : nth % 5;
          await converge(world, folder, {
            faults: (operation) => {
              if (kind !== 'any' && operation.op !== kind) return undefined;
              seen += 1;
              if (hasStruck || seen <= last) return undefined;
              hasStruck = true;
              coverage.hit(`fault ${faultName(struck)}`);
              coverage.hit(`fault at ${operation.op}`);
              return struck;
            },
          });
          fc.pre(hasStruck);
          const again = await converge(world, folder);
          expect(problemsOf(again.result)).toEqual([]);
          expect(unmet(world, next)).toEqual([]);
          expect(foreignParts(world)).toEqual(foreign);
          const settled = await converge(world, folder);
          expect(settled.ran.filter((one) => !isProbe(one))).toEqual([]);
        },
      ),
      { numRuns: 2 * runs },
    );
  }, 900_000);

  afterAll(() => {
    process.stdout.write(`\nCoverage of the generators:\n${coverage.table()}\n`);
    expect(coverage.missing([...ALWAYS_WANTED, ...subject.wanted], least)).toEqual([]);
  });

  function note(json: Json, result: RunResult | undefined): void {
    for (const guest of subject.guests(json).values())
      for (const key of Object.keys(guest)) coverage.hit(`key ${key}`);
    for (const target of result?.targets ?? []) {
      coverage.hit(`result ${target.result}`);
      for (const { attribute, effect } of target.changes) {
        coverage.hit(`change ${attribute.split(' ')[0]}`);
        coverage.hit(`effect ${effect}`);
      }
      for (const operation of target.operations) {
        for (const gate of operation.gates) coverage.hit(`gate ${gate.split(':')[0]}`);
      }
    }
  }
}

/** What the cases must reach, whatever the folders. */
const ALWAYS_WANTED = [
  ...['live', 'restart', 'interrupts-network', 'detaches-volume'].map((effect) => `effect ${effect}`),
  ...['fail before', 'fail after', 'hang before', 'hang after', 'kill dies', 'kill has-ended'].map(
    (name) => `fault ${name}`,
  ),
  ...['kill not-started', 'kill survives'].map((name) => `fault ${name}`),
];

const fault: fc.Arbitrary<ReturnType<Faults>> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      fault: fc.constantFrom('fail' as const, 'hang' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  fc.record({
    fault: fc.constant('kill' as const),
    tool: fc.constantFrom('not-started' as const, 'has-ended' as const),
  }),
  fc.record({
    fault: fc.constant('kill' as const),
    tool: fc.constantFrom('dies' as const, 'survives' as const),
    afterCalls: fc.integer({ min: 0, max: 30 }),
  }),
);

function problemsOf(result: RunResult | undefined): string[] {
  if (!result) return ['the run was killed'];
  const found = result.targets.flatMap(({ title, diagnostics }) =>
    diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, summary, detail }) => `${title}: ${code} ${summary} ${detail}`),
  );
  const ended = result.targets.filter(({ result: how }) => how !== 'changed' && how !== 'unchanged');
  return [
    ...found,
    ...ended.map(
      ({ title, result: how, reason, left }) => `${title} ${how} ${reason} ${JSON.stringify(left)}`,
    ),
  ];
}

/** A world without what every look at it changes. */
function stateOf({ files, volumes, guests }: World) {
  const kept = Object.entries(files).filter(([path]) => !path.startsWith('/var/lib/phoenix/'));
  return {
    files: Object.fromEntries(kept.map(([path, { modifiedMs: _, ...rest }]) => [path, rest])),
    volumes,
    guests: Object.fromEntries(
      Object.entries(guests).map(([vmid, { running, ...rest }]) => {
        const { answers: _, processes: __, ...state } = running ?? {};
        return [vmid, { ...rest, running: running && state }];
      }),
    ),
  };
}

/** Which start each of our running guests is of. */
function runningGuests(world: World, isOurs: (vmid: number) => boolean): Map<number, string> {
  return new Map(
    Object.entries(world.guests).flatMap(([vmid, { running }]) =>
      running && isOurs(Number(vmid))
        ? [[Number(vmid), `${running.pid} at ${running.startedMs}`] as const]
        : [],
    ),
  );
}

function faultName(struck: ReturnType<Faults>): string {
  if (!struck) return 'none';
  return struck.fault === 'kill' ? `kill ${struck.tool}` : `${struck.fault} ${struck.when}`;
}
