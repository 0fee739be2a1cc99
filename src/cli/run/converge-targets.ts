import { hostTarget } from '../targets/host-target.ts';
import { chosenGuests } from '../targets/guests.ts';
import { loadConfiguration } from '../configuration.ts';
import { consentOf } from './consent.ts';
import type { Context } from '../context.ts';
import { closure, NEEDS } from '../targets/graph.ts';
import type { Job } from './job.ts';
import { reseedOf, reseedOptions } from './reseed.ts';
import { withSession, type Session } from './session.ts';
import { isMissing } from '../targets/missing.ts';
import { EXIT } from '../exit-code.ts';
import { Stop, stop } from '../stop.ts';
import type { PlanFile } from './plan-file.ts';
import { resolveTargets } from '../targets/resolve-targets.ts';
import type { Folder } from '../../model/desired.ts';
import type { RunResult } from '../../model/plan.ts';

export type ConvergeOptions = {
  /** What the targets need and the node has stays as it is. */
  readonly keepsWhatIsThere?: boolean;
  /** Marks this call as one that reseeds; absent: as the command line says. */
  readonly reseed?: string;
  /** A plan that must be what would be done now. */
  readonly heldTo?: PlanFile;
  /** What else the verb does afterwards. */
  readonly andThen?: (session: Session, folder: Folder, result: RunResult) => Promise<void>;
};

/** Converges some targets and everything they need, and gives the exit code. */
export async function convergeTargets(
  context: Context,
  words: readonly string[],
  { keepsWhatIsThere = false, reseed = reseedOf(context), heldTo, andThen }: ConvergeOptions = {},
): Promise<number> {
  const folder = await loadConfiguration(context);
  const selection = resolveTargets(folder, words);
  const ids = closure(folder, selection.guests, NEEDS);
  const { guests, refused } = chosenGuests(folder, ids, keepsWhatIsThere ? selection : { node: 'no' });
  const host = selection.node === 'named' && !keepsWhatIsThere ? hostTarget(context, folder) : undefined;
  const asked = new Set(selection.guests);
  const isWanted: Job['isWanted'] = (guest, observation) =>
    asked.has(guest.vmid) || isMissing(folder, guest, observation);
  const { managerFor } = await import('../../managers/index.ts');
  return await withSession(context, folder, async (session) => {
    const job: Job = {
      verb: context.verb.name,
      folder,
      guests,
      ...(host && { host }),
      refused,
      manager: managerFor('converge'),
      edges: NEEDS,
      consent: consentOf(context.options),
      ...(reseed !== undefined && { options: reseedOptions(reseed, selection.guests) }),
      ...(keepsWhatIsThere ? { isWanted } : {}),
    };
    const result = await session.run(heldTo ? await held(session, job, heldTo) : job);
    await andThen?.(session, folder, result);
  });
}

async function held(session: Session, job: Job, plan: PlanFile): Promise<Job> {
  if (plan.folder_id !== job.folder.folderId) throw otherFolder(plan, job.folder);
  const { agree } = await import('./agree.ts');
  const { agreed, diagnostics } = agree(plan, await session.foresee(job));
  if (diagnostics.length > 0) throw new Stop(EXIT.failed, diagnostics);
  return { ...job, agreed };
}

function otherFolder({ folder_id: planned }: PlanFile, { folderId }: Folder): Stop {
  return stop(EXIT.config, {
    code: 'cli/plan-of-another-folder',
    summary: "This is another folder's plan",
    detail: `It was made for the folder ${planned}, and this folder is ${folderId} ("folder_id").`,
    remedy: 'Name the folder of the plan with --config.',
  });
}
