import { run } from '../../src/engine/index.ts';
import { managerFor } from '../../src/managers/index.ts';
import type { Folder } from '../../src/model/desired.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { Node } from '../../src/model/node.ts';
import { isProbe, type Operation } from '../../src/model/operation.ts';
import type { RunResult } from '../../src/model/plan.ts';
import { NodeUnreachable } from '../../src/model/unreachable.ts';
import { PVE_DIALECT } from '../../src/node/dialect.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { describeOperation } from '../../src/pve/render.ts';
import { fillOperation } from '../../src/pve/fill.ts';
import { gateWidth } from '../../src/pve/gates.ts';
import type { Host } from '../../src/twin/host.ts';
import { twinNode, type Faults, type World } from '../../src/twin/index.ts';
import type { Random } from './random.ts';

export type Watch = {
  readonly faults?: Faults;
  /** Done before the `index`-th operation starts; probes count too. */
  readonly before?: (operation: Operation, index: number, isMaking: boolean) => Promise<void>;
  /** From its first `true` on nobody reaches the node any more. */
  readonly isCutOff?: () => boolean;
};

export type Ended = {
  /** Undefined where Phoenix was killed. */
  readonly result: RunResult | undefined;
  readonly events: readonly RunEvent[];
  readonly ran: readonly Operation[];
  /** Laws that were broken while it ran. */
  readonly broken: readonly string[];
};

/** One run of Phoenix on a world, with what happens around it, held to what must always be so. */
export async function phoenix(
  { world, host, folder, random }: { world: World; host: Host; folder: Folder; random: Random },
  consent: 'all' | 'live',
  { faults, before, isCutOff = () => false }: Watch = {},
): Promise<Ended> {
  const twin = twinNode({ world, host, dialect: PVE_DIALECT, ...(faults && { faults }) });
  const broken: string[] = [];
  const held = new Map<string, number>();
  const making = new Set<Operation>();
  let count = 0;
  const unreachable = () =>
    new NodeUnreachable({ code: 'node/unreachable', severity: 'error', summary: 'The connection is gone' });
  const node: Node = {
    ...twin,
    observe: async (scope, needs, options) => {
      if (isCutOff()) throw unreachable();
      return await twin.observe(scope, needs, options);
    },
    run: async (operation, options) => {
      const index = count;
      count += 1;
      await before?.(operation, index, making.size > 0);
      if (isCutOff()) return { exitCode: null, stdout: '', stderr: '', kind: 'lost' };
      if (!isProbe(operation) && !isInJournal(world, operation)) {
        broken.push(`${operation.op} ${operation.step} started before it was in the journal`);
      }
      for (const gate of operation.gates) {
        const now = (held.get(gate) ?? 0) + 1;
        held.set(gate, now);
        if (now > gateWidth(gate)) broken.push(`${now} operations hold the gate ${gate} at once`);
      }
      if (isMakingCall(operation)) making.add(operation);
      const outcome = await twin.run(operation, options);
      making.delete(operation);
      trace(index, operation, outcome);
      for (const gate of operation.gates) held.set(gate, (held.get(gate) ?? 1) - 1);
      return isCutOff() ? { ...outcome, exitCode: null, kind: 'lost' } : outcome;
    },
  };
  const events: RunEvent[] = [];
  const running = run({
    node,
    folder,
    targets: [...folder.guests.values()].map((guest) => ({
      target: guest.vmid,
      title: `${guest.vmid} ${guest.name}`,
      manager: managerFor('converge')(guest),
      desired: guest,
      after: [...guest.dependencies, ...(guest.cloneFrom ? [guest.cloneFrom.vmid] : [])],
    })),
    consent: { allows: (effect) => consent === 'all' || effect === 'live', adopt: false },
    purpose: { verb: 'converge', options: {} },
    dialect: { fill: fillOperation, gateWidth },
    emit: (event) => events.push(event),
    random,
    isJournaled: true,
  });
  const result = await Promise.race([running, twin.killed.then(() => undefined)]);
  await twin.close();
  const ran = events.flatMap((event) => (event.event === 'operation-start' ? [event.operation] : []));
  return { result, events, ran, broken };
}

function isMakingCall(operation: Operation): boolean {
  return operation.op === 'pve' && / (?:create|clone)$/.test(operation.call);
}

/** Shows each operation where somebody replays a seed to see what happened. */
function trace(index: number, operation: Operation, outcome: Outcome): void {
  if (process.env['PHOENIX_SIMULATE_TRACE'] === undefined) return;
  const said = outcome.kind === 'done' ? '' : ` ${outcome.exitCode} ${outcome.stderr.trim()}`;
  const [what] = describeOperation(operation).split('\n');
  process.stderr.write(`${index} [${operation.target}] ${outcome.kind}${said}: ${what}\n`);
}

/** Does the journal on the node tell of an operation that is about to start? */
function isInJournal(world: World, operation: Operation): boolean {
  const text = world.files['/var/lib/phoenix/journal/current.ndjson']?.text ?? '';
  return text.includes(JSON.stringify(operation));
}
