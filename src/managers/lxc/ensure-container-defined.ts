import type { DesiredContainer } from '../../model/desired.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { Operation, PveOperation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { cloneWork } from './clone-container.ts';
import { createWork } from './create-container.ts';
import { foreign, locked, refuse } from './refusals.ts';
import { isFinished, staleDiagnostics } from './finished.ts';
import { huskOf, openMaking, strayVolumes } from './husk.ts';
import { isOurs, type LxcInput, type LxcStep } from './input.ts';
import { hasWorkingTask, waitForTasks } from './tasks.ts';
import { joinWork, NO_WORK, type Work } from './work.ts';

const STEP = 'ensure_container_defined';

/**
 * Makes the container where there is none, or finds that the one that is there is ours and whole.
 * What a killed run left half made is made anew; anything else under its number is refused.
 */
export const ensureContainerDefined: LxcStep = {
  name: STEP,
  needs: (desired) => ({
    paths: [
      ...desired.mounts.map(({ hostPath }) => hostPath),
      ...desired.devices.map(({ path }) => path),
      ...(desired.template?.startsWith('/') === true ? [desired.template] : []),
    ],
    volumesOf: storagesOf(desired),
  }),
  plan: (input): StepAnswer => {
    const { guest } = input.observed;
    const source = sourceInTheWay(input);
    if (source) return source;
    if (!guest) return answer(makeWork(input));
    const refusal = refuse(input, guest);
    if (refusal) return { ...NOTHING, diagnostics: [refusal] };
    if (hasWorkingTask(guest))
      return { ...NOTHING, operations: [waitForTasks(guest.vmid, STEP, guest.vmid)] };
    return whatStandsThere(input, guest);
  },
};

function whatStandsThere(input: LxcInput, guest: ObservedGuest): StepAnswer {
  const lock = guest.config.head.keys.get('lock');
  if (huskOf(input, guest)) return answer(joinWork([removeHusk(input, guest, lock), makeWork(input)]));
  if (!isOurs(guest, input.folder.folderId) && !input.consent.adopt) {
    return { ...NOTHING, diagnostics: [foreign(input, guest)] };
  }
  if (lock !== undefined) return unlockOrRefuse(input, guest, lock);
  if (!isFinished(guest, input.desired)) return NOTHING;
  return { ...NOTHING, finished: true, diagnostics: staleDiagnostics({ ...input, guest }) };
}

function makeWork(input: LxcInput): Work {
  return input.desired.cloneFrom ? cloneWork(input) : createWork(input);
}

function answer(work: Work): StepAnswer {
  return { ...work, probes: [] };
}

function storagesOf({ storage, volumes }: DesiredContainer): readonly string[] {
  return [...new Set([storage ?? 'local', ...volumes.map((volume) => volume.storage)])];
}

/**
 * A clone of ours that was killed leaves a worker that still copies, or `lock: disk` on the source
 * with nobody left to lift it.
 */
function sourceInTheWay(input: LxcInput): StepAnswer | undefined {
  const { desired, observed } = input;
  const begun = openMaking(input);
  if (begun?.call !== 'pct clone' || begun.vmid === undefined) return undefined;
  const source = observed.node.guests.get(begun.vmid);
  if (source?.kind !== 'lxc') return undefined;
  if (hasWorkingTask(source)) {
    return { ...NOTHING, operations: [waitForTasks(desired.vmid, STEP, source.vmid)] };
  }
  if (source.config.head.keys.get('lock') !== 'disk') return undefined;
  return answer(unlock(desired.vmid, source.vmid, 'disk'));
}

function unlock(target: number, vmid: number, lock: string): Work {
  const attribute = `lock of ${vmid}`;
  const operation: PveOperation = {
    op: 'pve',
    target,
    step: STEP,
    changes: [attribute],
    gates: [],
    call: 'pct unlock',
    vmid,
    params: {},
  };
  return {
    ...NO_WORK,
    changes: [{ target, step: STEP, attribute, before: lock, after: undefined, effect: 'live' }],
    operations: [waitForTasks(target, STEP, vmid), operation],
  };
}

function removeHusk({ observed }: LxcInput, guest: ObservedGuest, lock: string | undefined): Work {
  const { vmid } = guest;
  const attribute = 'half-made container';
  const common = { target: vmid, step: STEP, changes: [attribute], gates: [], params: {} };
  const operations: readonly Operation[] = [
    waitForTasks(vmid, STEP, vmid),
    ...(lock === undefined ? [] : [{ ...common, op: 'pve', call: 'pct unlock', vmid } as const]),
    // Freed while the husk still tells of them: once it is gone, nobody could know whose they are.
    ...strayVolumes(observed.node, guest).map(
      (volume) => ({ ...common, op: 'pve', call: 'pvesm free', positional: [volume] }) as const,
    ),
    { ...common, op: 'pve', call: 'pct destroy', vmid },
  ];
  return {
    ...NO_WORK,
    changes: [
      {
        target: vmid,
        step: STEP,
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
function unlockOrRefuse(input: LxcInput, guest: ObservedGuest, lock: string): StepAnswer {
  // A clone that was killed is another target's, and locks this one, its source.
  const isLeftByUs = input.observed.node.openEntries.some(
    (entry) =>
      entry.entry === 'begin' &&
      entry.operation.op === 'pve' &&
      entry.operation.vmid === guest.vmid &&
      LOCKS.get(lock)?.includes(entry.operation.call),
  );
  if (isLeftByUs) return answer(unlock(guest.vmid, guest.vmid, lock));
  return { ...NOTHING, diagnostics: [locked(input, lock)] };
}

const LOCKS: ReadonlyMap<string, readonly string[]> = new Map([
  ['snapshot', ['pct snapshot']],
  ['snapshot-delete', ['pct delsnapshot']],
  ['disk', ['pct clone', 'pct resize', 'pct set', 'pct template']],
  ['template', ['pct template']],
]);
