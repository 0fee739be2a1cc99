import { onlyContainers } from '../targets/guests.ts';
import { loadConfiguration } from '../configuration.ts';
import { consentOf } from './consent.ts';
import type { Context } from '../context.ts';
import { closure, NEEDS } from '../targets/graph.ts';
import { withSession, type Session } from './session.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import type { Folder } from '../../model/desired.ts';
import type { RunResult } from '../../model/plan.ts';

/** Converges the whole closure of some targets, then does what else the verb does; gives the exit code. */
export async function convergeTargets(
  context: Context,
  words: readonly string[],
  andThen: (session: Session, folder: Folder, result: RunResult) => Promise<void> = async () => {},
): Promise<number> {
  const folder = await loadConfiguration(context);
  const selection = resolveTargets(folder, words);
  const ids = closure(folder, selection.guests, NEEDS);
  const { containers, refused, notices } = onlyContainers(folder, ids, selection);
  const { lxcManager } = await import('../../managers/lxc/index.ts');
  return await withSession(context, folder, async (session) => {
    await session.tell(notices);
    const result = await session.run({
      verb: context.verb.name,
      folder,
      containers,
      refused,
      manager: lxcManager,
      edges: NEEDS,
      consent: consentOf(context.options),
    });
    await andThen(session, folder, result);
  });
}
