import type { Operation, PveOperation } from '../../model/operation.ts';
import type { StepAnswer } from '../../model/step.ts';
import { definitionDigest } from './definition-digest.ts';
import { present, recordOf, type LxcStep, type PresentInput } from './input.ts';
import { writeNodeRecord } from './keep-record.ts';
import { finalFormWork } from './lifecycle-snapshots.ts';
import { missingContainer } from './missing-container.ts';
import { hasSnapshot, takeSnapshot } from './snapshots.ts';
import { joinWork, NO_WORK, type Work } from './work.ts';

const STEP = 'finalize';
const SHUTDOWN_SECONDS = 60;

/**
 * Ends what the folder calls a template or a golden container: shut down, then made a template or
 * given its snapshot; from then on it is finished. The digest of its definition is recorded before,
 * so that it can be found stale later. A running one that was not made for this by Phoenix is shut
 * down only where a restart is allowed. Takes `final-form` where lifecycle snapshots are wanted.
 */
export const finalize: LxcStep = {
  name: STEP,
  plan: (input): StepAnswer => {
    const container = present(input);
    if (!container) return missingContainer(input);
    // Golden comes last: afterwards the container is stopped and finished.
    return { ...joinWork([finalFormWork(container, STEP), goldenWork(container)]), probes: [] };
  },
};

function goldenWork(input: PresentInput): Work {
  const { guest, desired } = input;
  const { head } = guest.config;
  const { templateSnapshotName: snapshot } = desired;
  if (desired.isTemplate) {
    if (head.keys.get('template') === '1') return NO_WORK;
    return finish(input, { attribute: 'template', last: [call(input, 'pct template', 'template')] });
  }
  if (snapshot === undefined || hasSnapshot(guest, snapshot)) return NO_WORK;
  const attribute = `snapshot ${snapshot}`;
  return finish(input, { attribute, last: takeSnapshot(guest, snapshot, { step: STEP, attribute }) });
}

function finish(
  input: PresentInput,
  { attribute, last }: { readonly attribute: string; readonly last: readonly PveOperation[] },
): Work {
  const { guest, desired, folder, consent } = input;
  const record = recordOf(guest, folder.folderId);
  const completed = definitionDigest(desired);
  // One that was made for this is used by nobody yet; any other may be at work for somebody.
  const isOwnWork = record.golden === true && (record.completed ?? completed) === completed;
  const effect = guest.running && !isOwnWork ? 'restart' : 'live';
  const operations: readonly Operation[] = [
    ...(guest.running
      ? [{ ...call(input, 'pct shutdown', attribute), params: { timeout: SHUTDOWN_SECONDS } }]
      : []),
    ...(record.completed === completed
      ? []
      : [writeNodeRecord({ ...record, completed }, { step: STEP, changes: [] })]),
    ...last,
  ];
  return {
    ...NO_WORK,
    changes: [
      {
        target: guest.vmid,
        step: STEP,
        attribute,
        before: undefined,
        after: `${desired.isTemplate ? 'made' : 'taken'}${effect === 'restart' ? ', the container shut down' : ''}`,
        effect,
      },
    ],
    operations: consent.allows(effect, guest.vmid) ? operations : [],
  };
}

function call({ guest }: PresentInput, name: string, change: string): PveOperation {
  const { vmid } = guest;
  return {
    op: 'pve',
    target: vmid,
    step: STEP,
    changes: [change],
    gates: [],
    call: name,
    vmid,
    params: {},
  };
}
