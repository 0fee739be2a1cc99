import { run } from '../../../src/engine/index.ts';
import { hypervisorManager } from '../../../src/managers/hypervisor/index.ts';
import type { Consent, Effect } from '../../../src/model/change.ts';
import type { DesiredHost } from '../../../src/model/desired-host.ts';
import type { RunResult, TargetOutcome } from '../../../src/model/plan.ts';
import type { Manager, Step } from '../../../src/model/step.ts';
import type { DesiredHypervisor } from '../../../src/model/desired.ts';
import type { Host } from '../../../src/twin/host.ts';
import { PVE_DIALECT } from '../../../src/node/dialect.ts';
import { fillOperation } from '../../../src/pve/fill.ts';
import { gateWidth } from '../../../src/pve/gates.ts';
import { describeOperation } from '../../../src/pve/render.ts';
import { createMemoryHost, freshWorld, twinNode, type Faults, type World } from '../../../src/twin/index.ts';

export type HostRun = {
  readonly allow?: readonly Effect[];
  readonly wipeDisks?: readonly string[];
  readonly faults?: Faults;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** Only these steps; absent: all. */
  readonly steps?: readonly Step<DesiredHypervisor>[];
  /** The machine over the world, for runs that share one. */
  readonly machine?: Host;
};

/** The host of the recordings with files that an installer leaves. */
export function hostWorld(change: (world: World) => void = () => {}): World {
  const world = freshWorld();
  const put = (path: string, text: string): void => {
    world.files[path] = { type: 'file', text };
  };
  put('/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n');
  put('/etc/shadow', 'root:$y$secret:20000:0:99999:7:::\n');
  put(
    '/etc/apt/sources.list.d/pve-enterprise.sources',
    'Types: deb\nURIs: https://enterprise.proxmox.com/debian/pve\nSuites: trixie\nComponents: pve-enterprise\nSigned-By: /usr/share/keyrings/proxmox-archive-keyring.gpg\n',
  );
  change(world);
  return world;
}

/** Runs the host's machine on a world; undefined where a fault killed Phoenix. */
export async function setUp(
  world: World,
  desired: DesiredHost,
  { allow = [], wipeDisks = [], faults, options = {}, steps, machine }: HostRun = {},
): Promise<RunResult | undefined> {
  const host = machine ?? createMemoryHost(world);
  const node = twinNode({ world, host, dialect: PVE_DIALECT, ...(faults && { faults }) });
  const allowed = new Set<Effect>(['live', ...allow]);
  const consent: Consent = { allows: (effect) => allowed.has(effect), adopt: false, wipeDisks };
  const hypervisor = { settings: {}, ...desired };
  const result = run({
    node,
    folder: { path: '/folder', folderId: 'phoenix', hypervisor, guests: new Map() },
    targets: [
      {
        target: 'node',
        title: 'hypervisor',
        manager: (steps ? { name: 'hypervisor', steps } : hypervisorManager) as Manager<never>,
        desired: hypervisor,
        after: [],
      },
    ],
    consent,
    purpose: { verb: 'setup', options },
    dialect: { fill: fillOperation, gateWidth },
    emit: () => {},
    random: () => 0.5,
    isJournaled: true,
  });
  return await Promise.race([result, node.killed.then(() => undefined)]);
}

/** What became of the host in a run. */
export function outcomeOf(result: RunResult | undefined): TargetOutcome {
  const [outcome] = result?.targets ?? [];
  if (!outcome) throw new Error(`the host was not set up: ${JSON.stringify(result?.diagnostics)}`);
  return outcome;
}

/** What a run did, as people read it, the record left out. */
export function done(result: RunResult | undefined): readonly string[] {
  return outcomeOf(result)
    .operations.filter((operation) => !('path' in operation && operation.path.endsWith('/host.json')))
    .map(describeOperation);
}

/** Codes of what a run said. */
export function said(result: RunResult | undefined): readonly string[] {
  return outcomeOf(result).diagnostics.map(({ code }) => code);
}
