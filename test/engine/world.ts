import type { Diagnostic } from '../../src/model/diagnostic.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { JournalEntry } from '../../src/model/journal.ts';
import type { Holder, Needs, Node, Scope } from '../../src/model/node.ts';
import type { Observation, ObservedGuest } from '../../src/model/observation.ts';
import { isProbe, type Operation } from '../../src/model/operation.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { RunRequest, RunTarget } from '../../src/model/run.ts';
import { LIVE_ONLY } from '../../src/model/change.ts';
import type { GuestId, Target } from '../../src/model/target.ts';

/** A service with keys and values per guest, a clock, a lock and a journal: what the engine works on. */
export type World = {
  readonly guests: Map<GuestId, Map<string, string>>;
  readonly facts: Set<string>;
  readonly journal: JournalEntry[];
  readonly finished: (readonly JournalEntry[])[];
  readonly observations: { readonly scope: Scope; readonly needs: Needs }[];
  readonly ran: Operation[];
  /** The most operations that ever held a gate at once. */
  readonly mostAtOnce: Map<string, number>;
  readonly events: RunEvent[];
  openEntries: readonly JournalEntry[];
  holder?: Holder;
  locked: boolean;
  now: number;
  /** Answers in the place of the service, before or after it did what was asked. */
  fault?: (operation: Operation, nth: number) => Fault | undefined;
  onRun?: (operation: Operation, nth: number) => void;
  failObserve?: Error;
};

export type Fault = { readonly outcome: Outcome; readonly does?: boolean };

export function createWorld(guests: Record<number, Record<string, string>> = {}): World {
  return {
    guests: new Map(Object.entries(guests).map(([id, keys]) => [Number(id), new Map(Object.entries(keys))])),
    facts: new Set(),
    journal: [],
    finished: [],
    observations: [],
    ran: [],
    mostAtOnce: new Map(),
    events: [],
    openEntries: [],
    locked: false,
    now: 1_000_000,
  };
}

export const DONE: Outcome = { exitCode: 0, stdout: '', stderr: '', kind: 'done' };
export const refused = (stderr: string, exitCode = 255): Outcome => ({
  exitCode,
  stdout: '',
  stderr,
  kind: 'refused',
});
export const BUSY: Outcome = { exitCode: 255, stdout: '', stderr: 'got timeout', kind: 'busy' };
export const LOST: Outcome = { exitCode: null, stdout: '', stderr: '', kind: 'lost' };

export function nodeOf(world: World): Node {
  const holding = new Map<string, number>();
  let count = 0;
  return {
    title: 'fake',
    now: () => world.now,
    sleep: async (milliseconds) => {
      await turns(2);
      world.now += milliseconds;
    },
    close: async () => {},
    command: async () => ({ rc: 0, stdout: '', stderr: '' }),
    lock: async () => {
      if (world.holder) return { acquired: false, holder: world.holder };
      world.locked = true;
      return {
        acquired: true,
        release: async () => {
          world.locked = false;
        },
      };
    },
    journal: {
      append: async (entry) => {
        await turns(1);
        world.journal.push(entry);
      },
      finish: async (carry) => {
        world.finished.push(carry);
      },
    },
    observe: async (scope, needs) => {
      world.observations.push({ scope, needs });
      await turns(1);
      if (world.failObserve) throw world.failObserve;
      return observationOf(world, scope);
    },
    run: async (operation) => {
      const nth = count;
      count += 1;
      world.ran.push(operation);
      for (const gate of operation.gates) {
        const held = (holding.get(gate) ?? 0) + 1;
        holding.set(gate, held);
        world.mostAtOnce.set(gate, Math.max(world.mostAtOnce.get(gate) ?? 0, held));
      }
      world.onRun?.(operation, nth);
      await turns(12 + 5 * (nth % 7));
      for (const gate of operation.gates) holding.set(gate, (holding.get(gate) ?? 0) - 1);
      const fault = world.fault?.(operation, nth);
      if (fault && !fault.does) return fault.outcome;
      const outcome = act(world, operation);
      return fault?.outcome ?? outcome;
    },
  };
}

export function requestOf(
  world: World,
  targets: readonly RunTarget[],
  extra: Partial<RunRequest> = {},
): RunRequest {
  return {
    node: nodeOf(world),
    folder: {
      path: '/folder',
      folderId: 'phoenix',
      hypervisor: { settings: {} },
      guests: new Map(),
    },
    targets,
    consent: LIVE_ONLY,
    purpose: { verb: 'converge', options: {} },
    dialect: { fill: (operation) => operation, gateWidth: (gate) => (gate.startsWith('node') ? 8 : 1) },
    emit: (event) => world.events.push(event),
    random: () => 0.5,
    isJournaled: true,
    ...extra,
  };
}

export function diagnosticsIn(events: readonly RunEvent[]): readonly Diagnostic[] {
  return events.flatMap((event) => (event.event === 'diagnostic' ? [event.diagnostic] : []));
}

export function setOperation(
  target: Target,
  params: Record<string, string>,
  extra: { gates?: readonly string[]; changes?: readonly string[]; step?: string } = {},
): Operation {
  return {
    op: 'pve',
    call: 'set',
    ...(target !== 'node' && { vmid: target }),
    params,
    target,
    step: extra.step ?? 'settings',
    changes: extra.changes ?? Object.keys(params),
    gates: extra.gates ?? [],
  };
}

function act(world: World, operation: Operation): Outcome {
  if (isProbe(operation)) {
    const holds = (operation.needs ?? []).every((fact) => world.facts.has(fact));
    return holds ? DONE : refused('not so', 1);
  }
  for (const fact of operation.provides ?? []) world.facts.add(fact);
  if (operation.op === 'pve' && operation.vmid !== undefined) {
    const guest = world.guests.get(operation.vmid) ?? new Map<string, string>();
    world.guests.set(operation.vmid, guest);
    for (const [key, value] of Object.entries(operation.params)) guest.set(key, String(value));
  }
  return DONE;
}

function observationOf(world: World, scope: Scope): Observation {
  const seen = [...world.guests].filter(([vmid]) => scope === 'all' || scope.includes(vmid));
  return {
    text: '',
    nodeName: 'fake',
    hasProxmox: true,
    guests: new Map(seen.map(([vmid, keys]) => [vmid, guestOf(vmid, keys)])),
    storages: new Map(),
    templates: [],
    volumes: [],
    bridges: [],
    paths: new Map(),
    gpuDevices: [],
    openEntries: world.openEntries,
    diagnostics: [],
  };
}

function guestOf(vmid: GuestId, keys: ReadonlyMap<string, string>): ObservedGuest {
  return {
    vmid,
    kind: 'lxc',
    node: 'fake',
    config: { head: { keys: new Map(keys), raw: [] }, snapshots: new Map() },
    digest: '',
    running: true,
    record: 'none',
    tasks: [],
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}
