import { resolve } from 'node:path';
import { loadFolder } from '../src/config/index.ts';
import { run } from '../src/engine/index.ts';
import { managerFor } from '../src/managers/index.ts';
import type { RunEvent } from '../src/model/event.ts';
import { isProbe } from '../src/model/operation.ts';
import type { Target } from '../src/model/target.ts';
import { PVE_DIALECT } from '../src/node/dialect.ts';
import { fillOperation } from '../src/pve/fill.ts';
import { gateWidth } from '../src/pve/gates.ts';
import { parseObservation } from '../src/pve/observation.ts';
import { freshWorld, twinNode } from '../src/twin/index.ts';

/*
 * Converges the folder that its argument names on a fresh twin, whose tools take their time on a
 * virtual clock, and prints as JSON: how long that took against what no order of the work could beat,
 * and what one observation of the node costs then.
 */
const path = process.argv[2] ?? '.';
const { folder } = await loadFolder({ path, env: {}, cwd: path, builtinFeatures: resolve('features') });
if (!folder) throw new Error('The folder is not valid.');
const node = twinNode({ world: freshWorld(), dialect: PVE_DIALECT });
const events: RunEvent[] = [];
const startedAt = node.now();
const targets = [...folder.guests.values()].map((guest) => ({
  target: guest.vmid,
  title: guest.name,
  manager: managerFor('converge')(guest),
  desired: guest,
  after: [...guest.dependencies, ...(guest.cloneFrom ? [guest.cloneFrom.vmid] : [])],
}));
const result = await run({
  node,
  folder,
  targets,
  consent: { allows: (effect) => effect === 'live', adopt: false },
  purpose: { verb: 'converge', options: {} },
  dialect: { fill: fillOperation, gateWidth },
  emit: (event) => events.push(event),
  random: () => 0.5,
  isJournaled: false,
});
const makespanMs = node.now() - startedAt;

const own = new Map<Target, number>();
const gates = new Map<string, number>();
for (const event of events) {
  if (event.event !== 'operation-end') continue;
  const { operation, elapsedMs, target } = event;
  own.set(target, (own.get(target) ?? 0) + elapsedMs);
  for (const gate of new Set([...(isProbe(operation) ? [] : ['node']), ...operation.gates])) {
    gates.set(gate, (gates.get(gate) ?? 0) + elapsedMs);
  }
}
const after = new Map<Target, readonly Target[]>(targets.map((target) => [target.target, target.after]));
const ends = new Map<Target, number>();
const pathTo = (target: Target): number => {
  const known = ends.get(target);
  if (known !== undefined) return known;
  const end = (own.get(target) ?? 0) + Math.max(0, ...(after.get(target) ?? []).map(pathTo));
  ends.set(target, end);
  return end;
};
const criticalPathMs = Math.max(...targets.map(({ target }) => pathTo(target)));
const [busiest = '', work = 0] =
  [...gates]
    .map(([gate, sum]) => [gate, sum / gateWidth(gate)] as const)
    .toSorted((a, b) => b[1] - a[1])[0] ?? [];

const { text } = await node.observe('all', { paths: [], volumesOf: [] });
const times = Array.from({ length: 5 }, () => {
  const began = performance.now();
  parseObservation(text);
  return performance.now() - began;
}).toSorted((a, b) => a - b);

process.stdout.write(
  `${JSON.stringify({
    exitCode: result.exitCode,
    makespanMs,
    criticalPathMs,
    busiest,
    busiestMs: work,
    observationBytes: Buffer.byteLength(text),
    parseMs: times[2],
  })}\n`,
);
