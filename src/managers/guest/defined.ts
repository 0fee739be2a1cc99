import type { DesiredGuest } from '../../model/desired.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { Operation, PveOperation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer, type StepInput } from '../../model/step.ts';
import { isFinished, staleDiagnostics } from './finished.ts';
import { destroyedDisks, huskOf, isHalfDestroyed, openMaking, strayVolumes, type HuskRules } from './husk.ts';
import { isOurs, type GuestInput } from './input.ts';
import { foreign, halfDeleted, locked, refuse } from './refusals.ts';
import { hasWorkingTask, waitForTasks } from './tasks.ts';
import { joinWork, NO_WORK, type Work } from './work.ts';
import { wordsOf } from './words.ts';

/** How a kind of guest is made, and what a making that was cut short leaves of it. */
export type Making<Desired extends DesiredGuest> = {
  readonly make: (input: StepInput<Desired>) => Work;
  readonly husk: HuskRules;
  /** The storages whose volumes the observation lists. */
  readonly storages: readonly string[];
};

/**
 * Makes the guest where there is none, or finds that the one that is there is ours and whole. What a
 * killed run left half made is made anew; anything else under its number is refused.
 */
export function planDefined<Desired extends DesiredGuest>(
  input: StepInput<Desired>,
  making: Making<Desired>,
): StepAnswer {
  const { guest } = input.observed;
  const source = sourceInTheWay(input);
  if (source) return source;
  if (!guest) return answer(making.make(input));
  const refusal = refuse(input, guest);
  if (refusal) return { ...NOTHING, diagnostics: [refusal] };
  if (hasWorkingTask(guest)) {
    return { ...NOTHING, operations: [waitForTasks(guest.vmid, stepOf(input), guest.vmid)] };
  }
  const isHusk = huskOf(input, guest, making.husk) !== undefined || isHalfDestroyed(input, guest);
  if (isHusk) return answer(joinWork([removeHusk(input, guest), making.make(input)]));
  const destroyed = destroyedDisks(input, guest, making.storages);
  if (destroyed.length > 0) return { ...NOTHING, diagnostics: [halfDeleted(input, destroyed)] };
  return whatStandsThere(input, guest);
}

function whatStandsThere(input: GuestInput, guest: ObservedGuest): StepAnswer {
  const lock = guest.config.head.keys.get('lock');
  if (!isOurs(guest, input.folder.folderId) && !input.consent.adopt) {
    return { ...NOTHING, diagnostics: [foreign(input, guest)] };
  }
  if (lock !== undefined) return unlockOrRefuse(input, guest, lock);
  if (!isFinished(guest, input.desired)) return NOTHING;
  return { ...NOTHING, finished: true, diagnostics: staleDiagnostics({ ...input, guest }) };
}

function answer(work: Work): StepAnswer {
  return { ...work, probes: [] };
}

function stepOf({ desired }: GuestInput): string {
  return wordsOf(desired.kind).define;
}

/**
 * A clone of ours that was killed leaves a worker that still copies, or `lock: disk` on a container
 * that was its source, with nobody left to lift it.
 */
function sourceInTheWay(input: GuestInput): StepAnswer | undefined {
  const { desired, observed } = input;
  const begun = openMaking(input);
  if (begun?.call.endsWith(' clone') !== true || begun.vmid === undefined) return undefined;
  const source = observed.node.guests.get(begun.vmid);
  if (source?.kind !== desired.kind) return undefined;
  if (hasWorkingTask(source)) {
    return { ...NOTHING, operations: [waitForTasks(desired.vmid, stepOf(input), source.vmid)] };
  }
  if (source.config.head.keys.get('lock') !== 'disk') return undefined;
  return answer(unlock(input, source.vmid, 'disk'));
}

function unlock(input: GuestInput, vmid: number, lock: string): Work {
  const target = input.desired.vmid;
  const { tool, define: step } = wordsOf(input.desired.kind);
  const attribute = `lock of ${vmid}`;
  const operation: PveOperation = {
    op: 'pve',
    target,
    step,
    changes: [attribute],
    gates: [],
    call: `${tool} unlock`,
    vmid,
    params: {},
  };
  return {
    ...NO_WORK,
    changes: [{ target, step, attribute, before: lock, after: undefined, effect: 'live' }],
    operations: [waitForTasks(target, step, vmid), operation],
  };
}

function removeHusk({ observed }: GuestInput, guest: ObservedGuest): Work {
  const { vmid } = guest;
  const { tool, noun, define: step } = wordsOf(guest.kind);
  const attribute = `half-made ${noun}`;
  const common = { target: vmid, step, changes: [attribute], gates: [], params: {} };
  const isLocked = guest.config.head.keys.has('lock');
  const operations: readonly Operation[] = [
    waitForTasks(vmid, step, vmid),
    ...(isLocked ? [{ ...common, op: 'pve', call: `${tool} unlock`, vmid } as const] : []),
    // Freed while the husk still tells of them: once it is gone, nobody could know whose they are.
    ...strayVolumes(observed.node, guest).map(
      (volume) => ({ ...common, op: 'pve', call: 'pvesm free', positional: [volume] }) as const,
    ),
    { ...common, op: 'pve', call: `${tool} destroy`, vmid },
  ];
  return {
    ...NO_WORK,
    changes: [
      {
        target: vmid,
        step,
        attribute,
        before: 'left by a run that was cut short',
        after: undefined,
        effect: 'live',
      },
    ],
    operations,
  };
}

/** A lock that an operation of ours left behind is lifted; anyone else's is theirs. */
function unlockOrRefuse(input: GuestInput, guest: ObservedGuest, lock: string): StepAnswer {
  const { tool } = wordsOf(guest.kind);
  // A clone that was killed is another target's, and locks this one, its source.
  const isLeftByUs = input.observed.node.openEntries.some(
    (entry) =>
      entry.entry === 'begin' &&
      entry.operation.op === 'pve' &&
      entry.operation.vmid === guest.vmid &&
      LOCKS.get(lock)?.some(
        (call) => entry.operation.op === 'pve' && entry.operation.call === `${tool} ${call}`,
      ),
  );
  if (isLeftByUs) return answer(unlock(input, guest.vmid, lock));
  return { ...NOTHING, diagnostics: [locked(input, lock)] };
}

const LOCKS: ReadonlyMap<string, readonly string[]> = new Map([
  ['snapshot', ['snapshot']],
  ['snapshot-delete', ['delsnapshot']],
  ['disk', ['clone', 'resize', 'set', 'template']],
  ['template', ['template']],
]);
