import { LIVE_ONLY } from '../../model/change.ts';
import { loadConfiguration } from '../configuration.ts';
import { isJson, writeJson } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { NODE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { openNode } from '../nodes/open-node.ts';
import { foresee } from '../run/run-job.ts';
import { chosenGuests } from '../targets/guests.ts';
import { NEEDS } from '../targets/graph.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import type { Verb } from '../verb.ts';

/** `phoenix drift`: what differs on the node from the folder, and what is somebody else's. */
export const drift: Verb = {
  name: 'drift',
  summary: 'show what differs on the node from the folder, and what is foreign',
  details:
    'Changes nothing on the node. --accept writes what the node has into the folder, keeping its comments and order; what no key can say is listed and left.',
  operands: [
    targetsOperand({ isRequired: false, summary: 'ids, names, all, lxc, vm, tag:NAME (default: all)' }),
  ],
  options: [
    { name: 'accept', summary: 'write what the node has into the folder' },
    { name: 'dry-run', short: 'n', summary: 'with --accept: show which keys would be written' },
    { name: 'exit-code', summary: 'exit with 2 where something differs' },
    ...NODE_OPTIONS,
  ],
  examples: [
    ['phoenix drift', 'the whole folder, and what is beside it'],
    ['phoenix drift web --accept', 'take over what was changed by hand'],
  ],
  run: async (context) => {
    const { io, options, operands } = context;
    const folder = await loadConfiguration(context);
    const selection = resolveTargets(folder, operands.length === 0 ? ['all'] : operands);
    const { guests } = chosenGuests(folder, selection.guests, selection);
    const [{ managerFor }, { findDrift }, { showDrift }] = await Promise.all([
      import('../../managers/index.ts'),
      import('../run/find-drift.ts'),
      import('../run/show-drift.ts'),
    ]);
    const node = await openNode(context, folder);
    try {
      const manager = managerFor('converge');
      const job = { verb: 'drift', folder, guests, manager, edges: NEEDS, consent: LIVE_ONLY };
      const result = await foresee(context, node, job);
      const observation = await node.observe('all', { paths: [], volumesOf: [] }, { signal: io.signal });
      const found = findDrift(folder, guests, { result, observation });
      if (options.has('accept')) {
        const { acceptAll } = await import('../run/accept-all.ts');
        return await acceptAll(context, folder, { drift: found, observation });
      }
      if (isJson(context)) writeJson(io, found);
      else io.stdout.write(showDrift(found));
      const differs = found.guests.some(({ state }) => state !== 'as described');
      return differs && options.has('exit-code') ? EXIT.changes : EXIT.done;
    } finally {
      await node.close();
    }
  },
};
