import type { Folder } from '../../model/desired.ts';
import { consentOf } from '../run/consent.ts';
import type { Context } from '../context.ts';
import { convergeTargets } from '../run/converge-targets.ts';
import { closure, REQUIRES } from '../targets/graph.ts';
import { chosenGuests } from '../targets/guests.ts';
import { CHANGE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import type { Session } from '../run/session.ts';
import { withoutTemplates } from '../targets/templates.ts';
import type { Verb } from '../verb.ts';

/** `phoenix up`: converge, then start every guest that the host starts at boot, in dependency order. */
export const up: Verb = {
  name: 'up',
  summary: 'converge, then start every guest with start_at_boot',
  details: 'Also known as "phoenix LetsGo". Templates are never started.',
  operands: [
    targetsOperand({
      isRequired: false,
      summary: 'what to converge: ids, names, all, lxc, vm, tag:NAME (default: all)',
    }),
  ],
  options: CHANGE_OPTIONS,
  makesGuests: true,
  examples: [
    ['phoenix up', 'the whole folder, running'],
    ['phoenix LetsGo --dry-run', 'what that would do'],
  ],
  run: async (context) => {
    const { operands } = context;
    const words = operands.length === 0 ? ['all'] : operands;
    return await convergeTargets(context, words, {
      andThen: async (session, folder) => {
        if (!context.io.signal.aborted) await startAll(context, session, folder);
      },
    });
  },
};

async function startAll(context: Context, session: Session, folder: Folder): Promise<void> {
  const atBoot = [...folder.guests.values()].filter(
    ({ startAtBoot, staysStopped }) => startAtBoot === true && staysStopped !== true,
  );
  const ids = closure(
    folder,
    atBoot.map(({ vmid }) => vmid),
    REQUIRES,
  );
  const { guests } = chosenGuests(folder, ids, { node: 'no' });
  const { managerFor } = await import('../../managers/index.ts');
  await session.run({
    verb: 'start',
    folder,
    guests: withoutTemplates(guests),
    manager: managerFor('start'),
    edges: REQUIRES,
    consent: consentOf(context.options),
    isWanted: ({ vmid }, { guests }) => guests.get(vmid)?.running === false,
  });
}
