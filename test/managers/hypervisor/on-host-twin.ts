import { run } from '../../../src/engine/index.ts';
import type { Effect } from '../../../src/model/change.ts';
import type { DesiredHypervisor } from '../../../src/model/desired.ts';
import type { RunResult } from '../../../src/model/plan.ts';
import type { Step } from '../../../src/model/step.ts';
import { PVE_DIALECT } from '../../../src/node/dialect.ts';
import { fillOperation } from '../../../src/pve/fill.ts';
import { gateWidth } from '../../../src/pve/gates.ts';
import { createMemoryHost, twinNode, type Faults, type World } from '../../../src/twin/index.ts';

export type HostRun = {
  readonly desired: Partial<DesiredHypervisor>;
  readonly steps: readonly Step<DesiredHypervisor>[];
  readonly allow?: readonly Effect[];
  readonly faults?: Faults;
};

const HOSTS = new WeakMap<World, ReturnType<typeof createMemoryHost>>();

/** The machine over a world: one for all runs on it. */
export function machineOf(world: World): ReturnType<typeof createMemoryHost> {
  const known = HOSTS.get(world);
  if (known) return known;
  const host = createMemoryHost(world);
  HOSTS.set(world, host);
  return host;
}

/** Runs steps of the host on a world; undefined where a fault killed Phoenix. */
export async function setUp(
  world: World,
  { desired, steps, allow = [], faults }: HostRun,
): Promise<RunResult | undefined> {
  const node = twinNode({ world, host: machineOf(world), dialect: PVE_DIALECT, ...(faults && { faults }) });
  const hypervisor: DesiredHypervisor = { settings: {}, ...desired };
  const allowed = new Set<Effect>(['live', ...allow]);
  const result = run({
    node,
    folder: { path: '/folder', folderId: 'phoenix', hypervisor, guests: new Map() },
    targets: [
      {
        target: 'node',
        title: 'host',
        manager: { name: 'hypervisor', steps: steps as readonly Step<never>[] },
        desired: hypervisor,
        after: [],
      },
    ],
    consent: { allows: (effect) => allowed.has(effect), adopt: false },
    purpose: { verb: 'setup', options: {} },
    dialect: { fill: fillOperation, gateWidth },
    emit: () => {},
    random: () => 0.5,
    isJournaled: true,
  });
  return await Promise.race([result, node.killed.then(() => undefined)]);
}

/** Codes of what a run said, errors with a mark. */
export function said(result: RunResult | undefined): readonly string[] {
  return [...(result?.targets ?? []).flatMap((one) => one.diagnostics), ...(result?.diagnostics ?? [])].map(
    ({ severity, code }) => `${severity === 'error' ? '!' : ''}${code}`,
  );
}
