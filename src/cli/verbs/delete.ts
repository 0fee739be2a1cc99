import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Observation } from '../../model/observation.ts';
import type { GuestId } from '../../model/target.ts';
import { proceedOrStop } from '../run/ask.ts';
import { blockersOf, type Blocker } from '../targets/blockers.ts';
import { loadConfiguration } from '../configuration.ts';
import { byNaming, consentOf } from '../run/consent.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { dependentsClosure, NEEDS, reversed } from '../targets/graph.ts';
import { chosenGuests } from '../targets/guests.ts';
import { STATE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { withSession } from '../run/session.ts';
import { Stop } from '../stop.ts';
import { refusedDeletions } from '../targets/refused-deletions.ts';
import { resolveTargets, undeclaredId } from '../targets/resolve-targets.ts';
import { endingOptions, TIMEOUT } from '../command-line/timeout.ts';
import type { Verb } from '../verb.ts';

/** `phoenix delete`: the targets alone, and only where nothing on the node can't live without them. */
export const deleteVerb: Verb = {
  name: 'delete',
  summary: 'delete guests with their disks',
  details:
    'Asks first, unless --yes. Refuses while something on the node depends on a target or is a linked clone of it, unless --cascade deletes that too. Guests that are not marked as ours stay.',
  operands: [targetsOperand({ isRequired: true })],
  options: [
    { name: 'cascade', summary: 'also delete what depends on them or is a linked clone of them' },
    TIMEOUT,
    ...STATE_OPTIONS,
  ],
  examples: [
    ['phoenix delete 101', 'one guest; asks first'],
    ['phoenix delete base --cascade --dry-run', 'what would go with it'],
  ],
  run: async (context) => {
    const { options, operands } = context;
    const ending = endingOptions(options);
    const folder = await loadConfiguration(context);
    const undeclared = operands.flatMap((word) => undeclaredId(folder, word) ?? []);
    const words = operands.filter((word) => undeclaredId(folder, word) === undefined);
    const selection = resolveTargets(folder, words);
    const [{ managerFor }, { mayDestroy }] = await Promise.all([
      import('../../managers/index.ts'),
      import('../../managers/guest/may-destroy.ts'),
    ]);
    return await withSession(context, folder, async (session) => {
      const observation = await session.observe();
      refuseStrangers(undeclared, observation);
      const doomed = doomedBy(folder, observation, selection.guests, options.has('cascade'));
      const { guests, refused } = chosenGuests(folder, doomed, selection);
      const absent = [...undeclared, ...selection.guests].filter((id) => !observation.guests.has(id));
      await session.tell(absent.map((id) => nothingToDelete(folder, id)));
      const consent = consentOf(options, byNaming(doomed));
      const isCascading = doomed.some((id) => !selection.guests.includes(id));
      const refusals = refusedDeletions(mayDestroy, guests, { folder, observation, consent });
      if (isCascading && refusals.length > 0) throw new Stop(EXIT.failed, refusals);
      if (!session.isDryRun) await agree(context, guests, observation);
      await session.run({
        verb: 'delete',
        options: ending,
        folder,
        guests,
        refused,
        manager: managerFor('delete'),
        edges: reversed(folder, NEEDS),
        consent,
      });
    });
  },
};

function refuseStrangers(undeclared: readonly GuestId[], { guests }: Observation): void {
  const strangers = undeclared.filter((id) => guests.has(id));
  if (strangers.length === 0) return;
  throw new Stop(
    EXIT.failed,
    strangers.map((id) => ({
      code: 'cli/not-declared',
      severity: 'error',
      target: id,
      summary: 'The folder does not declare it; nothing was deleted',
      detail: `${id} is on the node, and Phoenix deletes only guests that it looks after.`,
      remedy: `Delete it by hand if nobody needs it:\n    ${destroyCommand(id, guests)}`,
    })),
  );
}

function nothingToDelete(folder: Folder, vmid: GuestId): Diagnostic {
  const name = folder.guests.get(vmid)?.name;
  return {
    code: 'cli/nothing-to-delete',
    severity: 'notice',
    target: vmid,
    summary: 'Nothing to delete: it is not on the node',
    ...(name === undefined ? {} : { detail: `${vmid} ${name} is declared and not made.` }),
  };
}

function destroyCommand(vmid: GuestId, guests: Observation['guests']): string {
  return guests.get(vmid)?.kind === 'vm' ? `qm destroy ${vmid}` : `pct destroy ${vmid}`;
}

/* The targets and, if asked for, what can't live without them, that first; refuses where anything else is in the way. */
function doomedBy(
  folder: Folder,
  observation: Observation,
  targets: readonly GuestId[],
  isCascade: boolean,
): readonly GuestId[] {
  const doomed = new Set(targets);
  for (;;) {
    const blockers = blockersOf(folder, observation, doomed);
    if (blockers.length === 0) break;
    if (!isCascade || blockers.some(({ isDeclared }) => !isDeclared)) throw refusal(blockers, observation);
    for (const { vmid } of blockers) doomed.add(vmid);
  }
  return dependentsClosure(folder, doomed, NEEDS).filter((id) => doomed.has(id));
}

function refusal(blockers: readonly Blocker[], { guests }: Observation): Stop {
  return new Stop(
    EXIT.failed,
    blockers.map(({ vmid, name, of, reason, isDeclared }) => ({
      code: 'cli/still-needed',
      severity: 'error',
      target: of,
      summary: 'Something on the node still needs it; nothing was deleted',
      detail: `${vmid} ${name} ${reason}.`,
      remedy: isDeclared
        ? 'Delete that too: --cascade. See what would go: --cascade --dry-run.'
        : `The folder does not know ${vmid}. Delete it by hand if nobody needs it:\n    ${destroyCommand(vmid, guests)}`,
    })),
  );
}

async function agree(
  context: Context,
  doomed: readonly DesiredGuest[],
  { guests }: Observation,
): Promise<void> {
  const there = doomed.filter(({ vmid }) => guests.has(vmid));
  if (there.length === 0) return;
  const list = there.map(({ vmid, name }) => {
    const isRunning = guests.get(vmid)?.running === true;
    return `${vmid} ${name}${isRunning ? ' (running)' : ''}`;
  });
  await proceedOrStop(context, {
    question: `Delete ${list.join(', ')} with all data?`,
    not: 'nothing was deleted',
    detail: `This would go with all data: ${list.join(', ')}.`,
  });
}
