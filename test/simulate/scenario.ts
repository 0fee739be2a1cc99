import { createMemoryHost, freshWorld, runTool, type Faults, type World } from '../../src/twin/index.ts';
import type { Host } from '../../src/twin/host.ts';
import type { Folder } from '../../src/model/desired.ts';
import type { RunResult } from '../../src/model/plan.ts';
import { headOf } from '../property/oracle.ts';
import { draw } from './drawn.ts';
import { CANARY } from './load.ts';
import { foreignGuests, leakedIn, lost, markVolumes, othersEntries } from './laws.ts';
import { phoenix, type Ended } from './phoenix.ts';
import { below, pick, randomOf, type Random } from './random.ts';
import { noTroubles, troubledHost, type Troubles } from './troubles.ts';

/** What became of one seed. */
export type Verdict = {
  /** Laws that were broken; none where all went well. */
  readonly broken: readonly string[];
  /** What the seed reached. */
  readonly hits: readonly string[];
};

/** Kinds of things that happen to a run. */
const EVENTS = [
  'kill',
  'kill tool',
  'hang',
  'fail',
  'connection lost',
  'lock timeout',
  'disk full',
  'quorum lost',
  'reboot',
  'second Phoenix',
  'person',
] as const;

/** A stage on which runs, people and misfortunes follow each other. */
type Stage = {
  readonly world: World;
  host: Host;
  readonly random: Random;
  readonly hits: string[];
  readonly broken: string[];
};

/**
 * Plays one seed: a node that an earlier folder and people shaped, another folder, and up to three
 * runs of it to which something happens; then plain runs. In the end the folder must be so, and at no
 * time may anything be destroyed, lost or shown that must not.
 */
export async function play(seed: number): Promise<Verdict> {
  const random = randomOf(seed);
  const drawn = draw(seed);
  const world = { ...freshWorld(), cpuCount: 8 };
  const stage: Stage = { world, host: createMemoryHost(world), random, hits: [], broken: [] };
  stage.hits.push(`folders of ${drawn.kind}`);
  await plain(stage, await drawn.before(), 'the first folder');
  for (const deed of drawn.byHand) await runTool(stage.host, deed);

  const foreign = foreignGuests(world);
  const markers = markVolumes(world);
  const folder = await drawn.next();
  const count = 1 + below(random, 3);
  for (let index = 0; index < count; index += 1) {
    const kind = pick(random, EVENTS);
    if (process.env['PHOENIX_SIMULATE_TRACE'] !== undefined) process.stderr.write(`== ${kind}\n`);
    note(stage, await episode(stage, folder, kind));
    check(stage, { foreign, markers });
  }
  const entries = othersEntries(world);
  await plain(stage, folder, 'the last folder');
  check(stage, { foreign, markers });
  const settled = await phoenix({ ...stage, folder }, 'all');
  const again = settled.ran.filter(({ op }) => op !== 'check' && op !== 'wait');
  if (again.length > 0)
    stage.broken.push(`a run of what is so did ${again.map(({ op, step }) => `${step} ${op}`).join()}`);
  for (const problem of drawn.unmet(world)) stage.broken.push(`not as described: ${problem}`);
  for (const entry of entries) {
    if (!othersEntries(world).includes(entry)) stage.broken.push(`somebody else's entry is gone: ${entry}`);
  }
  return { broken: [...new Set(stage.broken)], hits: [...new Set(stage.hits)] };
}

/** Plain runs, which must end well; what a misfortune left may take the first one to be waited for. */
async function plain(stage: Stage, folder: Folder, what: string): Promise<void> {
  let problems: readonly string[] = [];
  for (let tries = 0; tries < 3; tries += 1) {
    const ended = await phoenix({ ...stage, folder }, 'all');
    note(stage, ended);
    problems = problemsOf(ended.result);
    if (problems.length === 0) {
      stage.hits.push(`settled by plain run ${tries + 1}`);
      return;
    }
  }
  stage.broken.push(`${what} does not converge: ${problems.join('; ')}`);
}

/** One run to which something happens, at an operation that chance picks. */
async function episode(stage: Stage, folder: Folder, kind: (typeof EVENTS)[number]): Promise<Ended> {
  const { world, random, hits } = stage;
  const at = below(random, 30);
  const lasts = 1 + below(random, 6);
  const consent = random() < 0.3 ? 'live' : 'all';
  const troubles = noTroubles();
  let happened = false;
  let isCut = false;
  const host = troubledHost(stage.host, troubles);
  const faults = faultsOf(kind, at, random);
  const ended = await phoenix({ ...stage, host, folder }, consent, {
    faults: (operation, index) => {
      const fault = faults(operation, index);
      if (fault) happened = true;
      return fault;
    },
    before: async (_, index, isMaking) => {
      if (index === at) {
        happened = true;
        if (kind === 'connection lost') isCut = true;
        if (kind === 'second Phoenix') await secondPhoenix(stage, folder);
        if (kind === 'person') await person(stage);
      }
      // A create that loses the quorum half-way can't clean up after itself: its config then names a
      // disk that is gone, and only its owner can tell what is to become of it.
      const isOn = index >= at && index < at + lasts && !(kind === 'quorum lost' && isMaking);
      setTroubles(troubles, kind, isOn);
    },
    isCutOff: () => isCut,
  });
  if (happened) hits.push(`event ${kind}`, `event with consent to ${consent}`);
  if (kind === 'reboot' && happened) {
    troubles.isDown = true;
    reboot(stage);
  }
  if (kind === 'kill' || kind === 'kill tool') hits.push(ended.result ? 'outlived its kill' : 'killed');
  return ended;
  function setTroubles(what: Troubles, of: typeof kind, isOn: boolean): void {
    what.isFull = of === 'disk full' && isOn;
    what.isInquorate = of === 'quorum lost' && isOn;
    if (of === 'lock timeout' && isOn && world.clock > 0) what.locksHeld = Math.max(what.locksHeld, 1);
    if (!isOn) what.locksHeld = 0;
  }
}

function faultsOf(kind: (typeof EVENTS)[number], at: number, random: Random): Faults {
  const when = pick(random, ['before', 'after'] as const);
  const tool = pick(random, ['not-started', 'has-ended'] as const);
  const fate = pick(random, ['dies', 'survives'] as const);
  const afterCalls = below(random, 30);
  return (_, index) => {
    if (index !== at) return undefined;
    switch (kind) {
      case 'kill':
        return { fault: 'kill', tool };
      case 'kill tool':
        return { fault: 'kill', tool: fate, afterCalls };
      case 'reboot':
        return { fault: 'kill', tool: 'dies', afterCalls };
      case 'hang':
      case 'fail':
        return { fault: kind, when };
      default:
        return undefined;
    }
  };
}

/** Nothing runs any more, no lock is held, no task lives; what starts at boot is up again. */
function reboot(stage: Stage): void {
  const { world } = stage;
  for (const guest of Object.values(world.guests)) delete guest.running;
  world.tasks = {};
  stage.host = createMemoryHost(world);
}

async function secondPhoenix(stage: Stage, folder: Folder): Promise<void> {
  const { result, ran } = await phoenix({ ...stage, folder }, 'all');
  if (ran.length > 0 || result?.diagnostics[0]?.code !== 'engine/locked') {
    stage.broken.push('a second Phoenix was let in');
  }
}

/** Somebody changes a guest that is whole by hand, as people do in the middle of things. */
async function person({ world, host, random }: Stage): Promise<void> {
  const whole = Object.entries(world.files).flatMap(([path, { text = '' }]) => {
    const [, folder, vmid] = /\/(lxc|qemu-server)\/(2[0-4]\d)\.conf$/.exec(path) ?? [];
    const isWhole = text.includes('property/') && !headOf(text).has('lock');
    return vmid !== undefined && isWhole ? [{ tool: folder === 'lxc' ? 'pct' : 'qm', vmid }] : [];
  });
  if (whole.length === 0) return;
  const { tool, vmid } = pick(random, whole);
  const deed = pick(random, [
    [tool, 'set', vmid, '--memory', '999'],
    [tool, 'set', vmid, '--tags', 'by-hand'],
    [tool, 'set', vmid, '--onboot', '1'],
    [tool, 'set', vmid, '--cores', '2'],
    [tool, 'stop', vmid],
    [tool, 'start', vmid],
  ]);
  await runTool(host, deed);
}

function check(
  { world, broken }: Stage,
  kept: { readonly foreign: unknown; readonly markers: readonly string[] },
): void {
  const [now, then] = [foreignGuests(world), kept.foreign].map((all) => JSON.stringify(all));
  if (now !== then) broken.push(`somebody else's guest was changed: ${then} became ${now}`);
  for (const marker of lost(world, kept.markers)) broken.push(`lost with what was on it: ${marker}`);
  for (const path of leakedIn(world, CANARY)) broken.push(`a secret stands in ${path}`);
}

function note({ hits, broken }: Stage, { result, events, broken: own }: Ended): void {
  broken.push(...own);
  if (JSON.stringify(events).includes(CANARY)) broken.push('a secret was shown');
  for (const { result: how, changes, diagnostics } of result?.targets ?? []) {
    hits.push(`result ${how}`);
    for (const { effect } of changes) hits.push(`effect ${effect}`);
    for (const { code, severity } of diagnostics) if (severity !== 'notice') hits.push(`said ${code}`);
    const bugs = diagnostics.filter(({ code }) => code === 'phoenix/bug');
    for (const { detail } of bugs) broken.push(`a bug was met: ${detail}`);
  }
}

function problemsOf(result: RunResult | undefined): readonly string[] {
  if (!result) return ['killed'];
  return result.targets
    .filter(({ result: how }) => how !== 'changed' && how !== 'unchanged')
    .map(
      ({ title, result: how, diagnostics, left }) =>
        `${title} ${how} ${diagnostics.map(({ code, summary, detail }) => `${code} ${summary} ${detail ?? ''}`).join(' | ')} ${left.map(({ attribute }) => attribute).join()}`,
    );
}
