import { loadConfiguration } from '../configuration.ts';
import { consentOf } from '../run/consent.ts';
import { closure, NEEDS } from '../targets/graph.ts';
import { onlyContainers } from '../targets/guests.ts';
import { isMissing } from '../targets/missing.ts';
import { CHANGE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { withSession } from '../run/session.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import type { Verb } from '../verb.ts';

/** `phoenix create`: the targets, and what they need that is missing. */
export const create: Verb = {
  name: 'create',
  summary: 'take guests from nothing to healthy',
  details:
    'Makes the targets as described, and first what they need that the node does not have yet: their clone source and their dependencies. Running it again changes nothing.',
  operands: [targetsOperand({ isRequired: true })],
  options: CHANGE_OPTIONS,
  makesGuests: true,
  examples: [
    ['phoenix create 101', 'one guest'],
    ['phoenix create web database --dry-run', 'what that would do'],
  ],
  run: async (context) => {
    const folder = await loadConfiguration(context);
    const selection = resolveTargets(folder, context.operands);
    const asked = new Set(selection.guests);
    const ids = closure(folder, selection.guests, NEEDS);
    const { containers, refused, notices } = onlyContainers(folder, ids, selection);
    const { lxcManager } = await import('../../managers/lxc/index.ts');
    return await withSession(context, folder, async (session) => {
      await session.tell(notices);
      await session.run({
        verb: 'create',
        folder,
        containers,
        refused,
        manager: lxcManager,
        edges: NEEDS,
        consent: consentOf(context.options),
        isWanted: (container, observation) =>
          asked.has(container.vmid) || isMissing(folder, container, observation),
      });
    });
  },
};
