import { run } from '../../src/engine/index.ts';
import { needsOf } from '../../src/engine/view.ts';
import { managerFor } from '../../src/managers/index.ts';
import type { Folder } from '../../src/model/desired.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { RunResult } from '../../src/model/plan.ts';
import { fillOperation } from '../../src/pve/fill.ts';
import { gateWidth } from '../../src/pve/gates.ts';
import { judge } from '../../src/pve/messages.ts';
import { judgeWait } from '../../src/pve/qemu/judge-wait.ts';
import { parseObservation } from '../../src/pve/observation.ts';
import { renderArgv, renderStdin } from '../../src/pve/render.ts';
import type { Host } from '../../src/twin/host.ts';
import {
  createMemoryHost,
  twinNode,
  worldFromObservation,
  type Faults,
  type World,
} from '../../src/twin/index.ts';

export type Converged = {
  /** Undefined where a fault killed the run. */
  readonly result: RunResult | undefined;
  readonly events: readonly RunEvent[];
  /** Operations as they were run, in order, over all targets. */
  readonly ran: readonly Operation[];
};

/** Converges every guest of a folder on a twin of `world`, with consent to everything or only to what is live. */
export async function converge(
  world: World,
  folder: Folder,
  {
    consent = 'all',
    adopt = false,
    faults,
  }: { consent?: 'all' | 'live'; adopt?: boolean; faults?: Faults } = {},
): Promise<Converged> {
  const node = twinNode({
    world,
    host: hostOf(world),
    dialect: DIALECT,
    ...(faults && { faults }),
  });
  const events: RunEvent[] = [];
  const finished = run({
    node,
    folder,
    targets: [...folder.guests.values()].map((guest) => ({
      target: guest.vmid,
      title: `${guest.vmid} ${guest.name}`,
      manager: managerFor('converge')(guest),
      desired: guest,
      after: [...guest.dependencies, ...(guest.cloneFrom ? [guest.cloneFrom.vmid] : [])],
    })),
    consent: { allows: (effect) => consent === 'all' || effect === 'live', adopt },
    purpose: { verb: 'converge', options: {} },
    dialect: { fill: fillOperation, gateWidth },
    emit: (event) => events.push(event),
    random: drawn(world),
    isJournaled: true,
  });
  const result = await Promise.race([finished, node.killed.then(() => undefined)]);
  await node.close();
  const ran = events.flatMap((event) => (event.event === 'operation-start' ? [event.operation] : []));
  return { result, events, ran };
}

/** The world as one observation of it tells: what a plan is made on. */
export async function modelOf(world: World, folder: Folder): Promise<World> {
  const node = twinNode({
    world,
    host: hostOf(world),
    dialect: DIALECT,
  });
  const targets = [...folder.guests.values()].map((guest) => ({
    target: guest.vmid,
    title: guest.name,
    manager: managerFor('converge')(guest),
    desired: guest,
    after: [],
  }));
  const { text } = await node.observe('all', needsOf(targets));
  return worldFromObservation(text);
}

const DIALECT = { parseObservation, renderArgv, renderStdin, judge, judgeWait };

/** What one observation of everything that every observation holds prints. */
export async function textOf(world: World): Promise<string> {
  const node = twinNode({ world, host: hostOf(world), dialect: DIALECT });
  return (await node.observe('all', { paths: [], volumesOf: [] })).text;
}

/** The machine of a world: what a killed run left running on it still holds its locks. */
export function hostOf(world: World): Host {
  const host = hosts.get(world) ?? createMemoryHost(world);
  hosts.set(world, host);
  return host;
}

const hosts = new WeakMap<World, Host>();

/** Numbers for jitter and run names: another row for each run on a world, the same in each replay. */
function drawn(world: World): () => number {
  let seed = (runs.get(world) ?? 0) + 1;
  runs.set(world, seed);
  return () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

const runs = new WeakMap<World, number>();
