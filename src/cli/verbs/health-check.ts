import { loadConfiguration } from '../configuration.ts';
import { consentOf } from '../run/consent.ts';
import { chosenGuests } from '../targets/guests.ts';
import { NODE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { withSession } from '../run/session.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import { withoutTemplates } from '../targets/templates.ts';
import type { Verb } from '../verb.ts';

/** `phoenix health-check`: asks the guests whether they are well; changes nothing. */
export const healthCheck: Verb = {
  name: 'health-check',
  summary: 'check whether guests are well; changes nothing',
  details: 'Runs the health checks of the folder, and the checks of the features it names.',
  operands: [
    targetsOperand({ isRequired: false, summary: 'ids, names, all, lxc, vm, tag:NAME (default: all)' }),
  ],
  options: NODE_OPTIONS,
  examples: [['phoenix health-check web', 'exit code 1 where a check fails']],
  run: async (context) => {
    const { operands } = context;
    const folder = await loadConfiguration(context);
    const selection = resolveTargets(folder, operands.length === 0 ? ['all'] : operands);
    const { guests, refused } = chosenGuests(folder, selection.guests, selection);
    const { managerFor } = await import('../../managers/index.ts');
    return await withSession(context, folder, async (session) => {
      await session.run({
        verb: 'health-check',
        folder,
        guests: withoutTemplates(guests),
        refused,
        manager: managerFor('healthCheck'),
        edges: () => [],
        consent: consentOf(context.options),
      });
    });
  },
};
