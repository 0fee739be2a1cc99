import { onlyContainers } from '../targets/guests.ts';
import { loadConfiguration } from '../configuration.ts';
import { consentOf } from './consent.ts';
import type { Context } from '../context.ts';
import { closure, NEEDS } from '../targets/graph.ts';
import type { Job } from './job.ts';
import { withSession, type Session } from './session.ts';
import { isMissing } from '../targets/missing.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import type { Folder } from '../../model/desired.ts';
import type { RunResult } from '../../model/plan.ts';

export type ConvergeOptions = {
  /** What the targets need and the node has stays as it is. */
  readonly keepsWhatIsThere?: boolean;
  /** What else the verb does afterwards. */
  readonly andThen?: (session: Session, folder: Folder, result: RunResult) => Promise<void>;
};

/** Converges some targets and everything they need, and gives the exit code. */
export async function convergeTargets(
  context: Context,
  words: readonly string[],
  { keepsWhatIsThere = false, andThen }: ConvergeOptions = {},
): Promise<number> {
  const folder = await loadConfiguration(context);
  const selection = resolveTargets(folder, words);
  const ids = closure(folder, selection.guests, NEEDS);
  const { containers, refused, notices } = onlyContainers(folder, ids, selection);
  const asked = new Set(selection.guests);
  const isWanted: Job['isWanted'] = (container, observation) =>
    asked.has(container.vmid) || isMissing(folder, container, observation);
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
      ...(keepsWhatIsThere ? { isWanted } : {}),
    });
    await andThen?.(session, folder, result);
  });
}
