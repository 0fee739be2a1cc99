import type { Consent } from '../../model/change.ts';
import type { DesiredGuest } from '../../model/desired.ts';
import { loadConfiguration } from '../configuration.ts';
import type { Context } from '../context.ts';
import { chosenGuests } from '../targets/guests.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import { byNaming, consentOf } from './consent.ts';
import { withSession } from './session.ts';

/** Takes a snapshot of the targets, or takes them back to one; `ask` may stop it before it begins. */
export async function onSnapshots(
  context: Context,
  purpose: 'snapshot' | 'rollback',
  name: string,
  ask: (guests: readonly DesiredGuest[]) => Promise<void> = async () => {},
): Promise<number> {
  const folder = await loadConfiguration(context);
  const selection = resolveTargets(folder, context.operands);
  const { guests, refused } = chosenGuests(folder, selection.guests, selection);
  const { managerFor } = await import('../../managers/index.ts');
  const consent: Consent = consentOf(context.options, byNaming(guests.map(({ vmid }) => vmid)));
  return await withSession(context, folder, async (session) => {
    if (!session.isDryRun) await ask(guests);
    await session.run({
      verb: purpose,
      options: { name },
      folder,
      guests,
      refused,
      manager: managerFor(purpose),
      edges: () => [],
      consent,
    });
  });
}
