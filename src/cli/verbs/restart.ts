import { loadConfiguration } from '../configuration.ts';
import { byNaming, consentOf } from '../run/consent.ts';
import { REQUIRES } from '../targets/graph.ts';
import { chosenGuests } from '../targets/guests.ts';
import { STATE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { withSession } from '../run/session.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import { withoutTemplates } from '../targets/templates.ts';
import { endingOptions, FORCE, TIMEOUT } from '../command-line/timeout.ts';
import type { Verb } from '../verb.ts';

/** `phoenix restart`: the targets alone; what waits for a restart takes effect. */
export const restart: Verb = {
  name: 'restart',
  summary: 'restart guests, which applies what waits for a restart',
  operands: [targetsOperand({ isRequired: true })],
  options: [TIMEOUT, FORCE, ...STATE_OPTIONS],
  examples: [['phoenix restart web', 'one guest']],
  run: async (context) => {
    const { options, operands } = context;
    const ending = endingOptions(options);
    const folder = await loadConfiguration(context);
    const selection = resolveTargets(folder, operands);
    const { guests, refused } = chosenGuests(folder, selection.guests, selection);
    const vmids = guests.map(({ vmid }) => vmid);
    const { managerFor } = await import('../../managers/index.ts');
    return await withSession(context, folder, async (session) => {
      await session.run({
        verb: 'restart',
        options: ending,
        folder,
        guests: withoutTemplates(guests),
        refused,
        manager: managerFor('restart'),
        edges: REQUIRES,
        consent: consentOf(options, byNaming(vmids, 'restart')),
      });
    });
  },
};
