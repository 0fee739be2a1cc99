import type { Effect } from '../../../src/model/change.ts';
import type { DesiredHypervisor } from '../../../src/model/desired.ts';
import type { RunResult } from '../../../src/model/plan.ts';
import type { Step } from '../../../src/model/step.ts';
import { createMemoryHost, type Faults, type World } from '../../../src/twin/index.ts';
import { setUp as setUpHost } from './on-host.ts';

export type HostRun = {
  readonly desired: Partial<DesiredHypervisor>;
  readonly steps: readonly Step<DesiredHypervisor>[];
  readonly allow?: readonly Effect[];
  readonly faults?: Faults;
};

const MACHINES = new WeakMap<World, ReturnType<typeof createMemoryHost>>();

/** The machine over a world: one for all runs on it, so that what one leaves behind lives on. */
export function machineOf(world: World): ReturnType<typeof createMemoryHost> {
  const known = MACHINES.get(world);
  if (known) return known;
  const machine = createMemoryHost(world);
  MACHINES.set(world, machine);
  return machine;
}

/** Runs steps of the host on a world; undefined where a fault killed Phoenix. */
export async function setUp(world: World, { desired, ...run }: HostRun): Promise<RunResult | undefined> {
  return setUpHost(world, desired, { ...run, machine: machineOf(world) });
}

/** Codes of what a run said, errors with a mark. */
export function said(result: RunResult | undefined): readonly string[] {
  return [...(result?.targets ?? []).flatMap((one) => one.diagnostics), ...(result?.diagnostics ?? [])].map(
    ({ severity, code }) => `${severity === 'error' ? '!' : ''}${code}`,
  );
}
