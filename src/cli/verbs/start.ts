import type { DesiredGuest } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { loadConfiguration } from '../configuration.ts';
import { consentOf } from '../run/consent.ts';
import { closure, REQUIRES } from '../targets/graph.ts';
import { chosenGuests } from '../targets/guests.ts';
import { STATE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { withSession } from '../run/session.ts';
import { resolveTargets, type Selection } from '../targets/resolve-targets.ts';
import { isTemplate, withoutTemplates } from '../targets/templates.ts';
import type { Verb } from '../verb.ts';

/** `phoenix start`: the targets and what they require, first things first; never a template. */
export const start: Verb = {
  name: 'start',
  summary: 'start guests and what they depend on',
  operands: [targetsOperand({ isRequired: true })],
  options: STATE_OPTIONS,
  examples: [['phoenix start web', 'web, after everything that it depends on']],
  run: async (context) => {
    const folder = await loadConfiguration(context);
    const selection = resolveTargets(folder, context.operands);
    const { guests, refused } = chosenGuests(folder, closure(folder, selection.guests, REQUIRES), selection);
    const { managerFor } = await import('../../managers/index.ts');
    return await withSession(context, folder, async (session) => {
      await session.tell(namedTemplates(guests, selection));
      await session.run({
        verb: 'start',
        folder,
        guests: withoutTemplates(guests),
        refused,
        manager: managerFor('start'),
        edges: REQUIRES,
        consent: consentOf(context.options),
      });
    });
  },
};

function namedTemplates(guests: readonly DesiredGuest[], { named }: Selection): readonly Diagnostic[] {
  return guests
    .filter((guest) => named.has(guest.vmid) && isTemplate(guest))
    .map(({ vmid, kind }) => ({
      code: 'cli/template-never-starts',
      severity: 'error',
      target: vmid,
      summary: 'A template is never started',
      detail: 'Clones are made of it as it is; starting it would change it for all of them.',
      remedy: `Clone it ("${kind === 'lxc' ? 'clone_from_ctid' : 'clone_from_vmid'}": "${vmid}") and start the clone.`,
    }));
}
