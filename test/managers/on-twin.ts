import { run } from '../../src/engine/index.ts';
import type { Machines } from '../../src/managers/guest/machines.ts';
import { managerFor } from '../../src/managers/index.ts';
import type { Consent, Effect } from '../../src/model/change.ts';
import type { DesiredGuest } from '../../src/model/desired.ts';
import type { RunResult } from '../../src/model/plan.ts';
import type { Manager } from '../../src/model/step.ts';
import { PVE_DIALECT } from '../../src/node/dialect.ts';
import { fillOperation } from '../../src/pve/fill.ts';
import { gateWidth } from '../../src/pve/gates.ts';
import { describeOperation } from '../../src/pve/render.ts';
import {
  createMemoryHost,
  freshWorld,
  twinNode,
  type Faults,
  type TwinNodeOptions,
  type World,
} from '../../src/twin/index.ts';

export type TwinRun = {
  /** Which of the machines of each guest's kind runs. */
  readonly machine?: keyof Machines<never>;
  /** A machine of the test's own, for all of them. */
  readonly manager?: Manager<never>;
  readonly allow?: readonly Effect[];
  readonly adopt?: boolean;
  readonly faults?: Faults;
  readonly verb?: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
};

/** A node in memory that several runs work on, one after the other. */
export type Lab = { readonly world: World; readonly host: NonNullable<TwinNodeOptions['host']> };

/** A node like the recordings', with a storage that can take snapshots. */
export function lab(): Lab {
  const world = freshWorld();
  return { world, host: createMemoryHost(world) };
}

/** Runs the guests' machines on the world, in the order given; undefined where a fault killed Phoenix. */
export async function converge(
  { world, host }: Lab,
  guests: readonly DesiredGuest[],
  {
    machine = 'converge',
    manager,
    allow = [],
    adopt = false,
    faults,
    verb = 'converge',
    options = {},
  }: TwinRun = {},
): Promise<RunResult | undefined> {
  const node = twinNode({ world, host, dialect: PVE_DIALECT, ...(faults && { faults }) });
  const allowed = new Set<Effect>(['live', ...allow]);
  const consent: Consent = { allows: (effect) => allowed.has(effect), adopt };
  const result = run({
    node,
    folder: {
      path: '/folder',
      folderId: 'phoenix',
      hypervisor: { settings: {} },
      guests: new Map(guests.map((one) => [one.vmid, one])),
    },
    targets: guests.map((desired, index) => ({
      target: desired.vmid,
      title: `${desired.vmid} ${desired.name}`,
      manager: manager ?? managerFor(machine)(desired),
      desired,
      after: guests.slice(0, index).map(({ vmid }) => vmid),
    })),
    consent,
    purpose: { verb, options },
    dialect: { fill: fillOperation, gateWidth },
    emit: () => {},
    random: () => 0.5,
    isJournaled: true,
  });
  return await Promise.race([result, node.killed.then(() => undefined)]);
}

/** What a run did, as people read it, records left out. */
export function done(result: RunResult | undefined): readonly string[] {
  return (result?.targets ?? []).flatMap(({ operations }) =>
    operations
      .filter((operation) => !(operation.op === 'write' && /phoenix/.test(operation.path)))
      .map(describeOperation),
  );
}

/** What went wrong, as text. */
export function problems(result: RunResult | undefined): readonly string[] {
  return (result?.targets ?? []).flatMap(({ diagnostics }) =>
    diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, summary, detail }) => [code, summary, detail].join('|')),
  );
}

/** Texts of a guest's files on the node, what differs from run to run replaced. */
export function stateOf({ world }: Lab, vmid: number): Readonly<Record<string, string>> {
  const paths = [
    `/etc/pve/nodes/vm/lxc/${vmid}.conf`,
    `/etc/pve/nodes/vm/qemu-server/${vmid}.conf`,
    `/etc/pve/firewall/${vmid}.fw`,
    `/etc/pve/priv/phoenix/${vmid}.json`,
  ];
  return Object.fromEntries(
    paths.flatMap((path) => {
      const text = world.files[path]?.text;
      return text === undefined ? [] : [[path, normalize(text)]];
    }),
  );
}

function normalize(text: string): string {
  return text
    .replaceAll(/(hwaddr|virtio)=BC:24:11[0-9A-F:]+/g, '$1=BC')
    .replaceAll(/ctime=\d+/g, 'ctime=N')
    .replaceAll(/(vmgenid: |uuid=)[0-9a-f-]{36}/g, '$1N')
    .replaceAll(/snaptime: \d+/g, 'snaptime: N')
    .replaceAll(/-disk-\d+/g, '-disk-N');
}
