import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { RunResult } from '../../src/model/plan.ts';
import { freshWorld, type Faults, type World } from '../../src/twin/index.ts';
import { converge, modelOf } from './converge.ts';
import { createCoverage } from './coverage.ts';
import { folders, load, successor, type FolderJson } from './folders.ts';
import { deeds, doByHand } from './hands.ts';
import { configText, headOf, unmet } from './oracle.ts';

const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 300);
/** How often the generators must have reached each key, change, effect, fault and gate. */
const LEAST = Math.min(50, Math.floor(RUNS / 6));
const coverage = createCoverage();

// Every run of the tests tries the same cases, unless it is told otherwise.
fc.configureGlobal({ seed: Number(process.env['PHOENIX_PROPERTY_SEED'] ?? 20261123) });

const everything = () => true;

/** Any reachable world: what another version of the folder made of a fresh node, and what people did to it since. */
const worlds = fc.record({ before: folders.map(unprotected), byHand: deeds, next: folders });

/** A protected guest's drives can't be changed, which its own test shows. */
function unprotected(folder: FolderJson): FolderJson {
  return new Map([...folder].map(([vmid, { protection: _, ...guest }]) => [vmid, guest]));
}

async function reach({ before, byHand }: { before: FolderJson; byHand: readonly (readonly string[])[] }) {
  const world = freshWorld();
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
      expect(unmet(world, next, everything)).toEqual([]);
      expect(foreignParts(world)).toEqual(foreign);
      const settled = structuredClone(world);
      const second = await converge(world, folder);
      expect(second.ran.filter(({ op }) => op !== 'check')).toEqual([]);
      expect(second.result?.exitCode).toBe(0);
      expect(stateOf(world)).toEqual(stateOf(settled));
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('without consent nobody is restarted and no volume is detached', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async ({ before, byHand, next }) => {
      const world = await reach({ before, byHand });
      const running = runningGuests(world);
      const mounted = mountedVolumes(world);
      await converge(world, await load(successor(before, next)), { consent: 'live' });
      const pids = runningGuests(world);
      const golden = (vmid: number) =>
        before.get(vmid)?.is_template ?? before.get(vmid)?.template_snapshot_name;
      for (const [vmid, pid] of running) {
        if (golden(vmid) === undefined) expect(pids.get(vmid), `guest ${vmid}`).toBe(pid);
      }
      expect(mountedVolumes(world)).toEqual(expect.arrayContaining(mounted));
    }),
    { numRuns: Math.ceil(RUNS / 3) },
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
    { numRuns: RUNS },
  );
}, 600_000);

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
        expect(unmet(world, next, everything)).toEqual([]);
        expect(foreignParts(world)).toEqual(foreign);
        const settled = await converge(world, folder);
        expect(settled.ran.filter(({ op }) => op !== 'check')).toEqual([]);
      },
    ),
    { numRuns: 2 * RUNS },
  );
}, 900_000);

afterAll(() => {
  process.stdout.write(`\nCoverage of the generators:\n${coverage.table()}\n`);
  expect(coverage.missing(WANTED, LEAST)).toEqual([]);
});

const WANTED = [
  ...[
    'application_script application_script_env boot_delay boot_order clone_from_ctid cores dependencies devices',
    'enable_lifecycle_snapshots feature_options features firewall health_check is_template lxc_options memory_mb',
    'mount_points name network_config network_interfaces notes pct_options protection search_domain start_at_boot',
    'storage_pool storage_size_gb swap_mb tags template template_snapshot_name timezone unprivileged volumes',
  ].flatMap((keys) => keys.split(' ').map((key) => `key ${key}`)),
  ...[
    'container cores description device directory feature features firewall hostname line memory mount nameserver',
    'nic onboot owner pending protection restart running script searchdomain size snapshot startup swap tags',
    'template timezone',
  ].flatMap((changes) => changes.split(' ').map((change) => `change ${change}`)),
  ...['live', 'restart', 'interrupts-network', 'detaches-volume'].map((effect) => `effect ${effect}`),
  ...['fail before', 'fail after', 'hang before', 'hang after', 'kill dies', 'kill has-ended'].map(
    (name) => `fault ${name}`,
  ),
  ...['kill not-started', 'kill survives'].map((name) => `fault ${name}`),
  ...['check', 'edit', 'exec', 'pve', 'wait', 'write'].map((name) => `fault at ${name}`),
  ...['clone', 'storage'].map((gate) => `gate ${gate}`),
];

function note(json: FolderJson, result: RunResult | undefined): void {
  for (const guest of json.values()) for (const key of Object.keys(guest)) coverage.hit(`key ${key}`);
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

/** Everything on the node that is not this folder's: other guests, others' entries in our guests. */
function foreignParts(world: World) {
  const others = Object.entries(world.files)
    .filter(([path]) => /\/(lxc|qemu-server)\/\d+\.conf$/.test(path) && !/\/20\d\.conf$/.test(path))
    .map(([path, { text }]) => [path, text]);
  // In force or still waiting: a restart of ours puts in force what they left waiting.
  const entries = [200, 201, 202, 203].flatMap((vmid) => [
    ...new Set(
      (configText(world, vmid) ?? '')
        .split('\n')
        .filter((line) => /mp=\/by-hand|name=eth5|\/dev\/zero/.test(line))
        .map((line) => `${vmid} ${line}`),
    ),
  ]);
  const theirVolumes = Object.values(world.volumes).flatMap((byGuest) =>
    Object.entries(byGuest).filter(([vmid]) => Number(vmid) >= 300 || Number(vmid) < 200),
  );
  return structuredClone({ others, entries: entries.toSorted(), theirVolumes });
}

/** A world without what every look at it changes. */
function stateOf({ files, volumes, guests }: World) {
  const kept = Object.entries(files).filter(([path]) => !path.startsWith('/var/lib/phoenix/'));
  return {
    files: Object.fromEntries(kept.map(([path, { modifiedMs: _, ...rest }]) => [path, rest])),
    volumes,
    guests,
  };
}

function runningGuests(world: World): Map<number, number> {
  return new Map(
    Object.entries(world.guests).flatMap(([vmid, { running }]) =>
      running && Number(vmid) >= 200 ? [[Number(vmid), running.pid] as const] : [],
    ),
  );
}

/** Volumes that are mounted and do not wait for being detached. */
function mountedVolumes(world: World): string[] {
  return [200, 201, 202, 203].flatMap((vmid) => {
    const text = configText(world, vmid) ?? '';
    const waiting = /^delete: (.*)$/m.exec(text)?.[1]?.split(',') ?? [];
    return [...headOf(text)]
      .filter(([key, value]) => /^mp\d+$/.test(key) && value.startsWith('local') && !waiting.includes(key))
      .map(([, value]) => value.split(',')[0] ?? '');
  });
}

function faultName(struck: ReturnType<Faults>): string {
  if (!struck) return 'none';
  return struck.fault === 'kill' ? `kill ${struck.tool}` : `${struck.fault} ${struck.when}`;
}
