import { loadConfiguration } from '../configuration.ts';
import { byNaming, consentOf } from '../run/consent.ts';
import { dependentsClosure, REQUIRES, reversed } from '../targets/graph.ts';
import { chosenGuests } from '../targets/guests.ts';
import { STATE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { withSession } from '../run/session.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import { endingOptions, FORCE, TIMEOUT } from '../command-line/timeout.ts';
import type { Verb } from '../verb.ts';

/** `phoenix stop`: the targets alone, gracefully; `--with-dependents` also what leans on them, first. */
export const stopVerb: Verb = {
  name: 'stop',
  summary: 'stop guests gracefully',
  details: 'Only the targets, unless --with-dependents; those that depend on others stop before them.',
  operands: [targetsOperand({ isRequired: true })],
  options: [
    TIMEOUT,
    FORCE,
    { name: 'with-dependents', summary: 'also stop what depends on them, in reverse order' },
    ...STATE_OPTIONS,
  ],
  examples: [
    ['phoenix stop web', 'one guest'],
    ['phoenix stop database --with-dependents --timeout 120', 'and all that needs it, with patience'],
  ],
  run: async (context) => {
    const { options, operands } = context;
    const ending = endingOptions(options);
    const folder = await loadConfiguration(context);
    const selection = resolveTargets(folder, operands);
    const ids = options.has('with-dependents')
      ? dependentsClosure(folder, selection.guests, REQUIRES)
      : selection.guests;
    const { guests, refused } = chosenGuests(folder, ids, selection);
    const vmids = guests.map(({ vmid }) => vmid);
    const { managerFor } = await import('../../managers/index.ts');
    return await withSession(context, folder, async (session) => {
      await session.run({
        verb: 'stop',
        options: ending,
        folder,
        guests,
        refused,
        manager: managerFor('stop'),
        edges: reversed(folder, REQUIRES),
        consent: consentOf(options, byNaming(vmids, 'restart')),
      });
    });
  },
};
