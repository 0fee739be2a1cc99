import type { Operation, PveOperation } from '../../model/operation.ts';
import { definitionDigest } from './definition-digest.ts';
import { recordOf, type PresentGuest } from './input.ts';
import { writeNodeRecord } from './keep-record.ts';
import { hasSnapshot, takeSnapshot } from './snapshots.ts';
import { NO_WORK, type Work } from './work.ts';
import { wordsOf } from './words.ts';

const STEP = 'finalize';
const SHUTDOWN_SECONDS = 60;

/**
 * Ends what the folder calls a template or a golden guest: shut down, then made a template or given
 * its snapshot; from then on it is finished. The digest of its definition is recorded before, so that
 * it can be found stale later. A running one that was not made for this by Phoenix is shut down only
 * where a restart is allowed. `whileRunning` is what is done in a running one that becomes a template
 * before it is shut down; `waiting` are seconds that the shutdown may take.
 */
export function goldenWork(
  input: PresentGuest,
  {
    whileRunning = () => [],
    waiting = SHUTDOWN_SECONDS,
  }: {
    readonly whileRunning?: (attribute: string) => readonly Operation[];
    readonly waiting?: number;
  } = {},
): Work {
  const { guest, desired } = input;
  const { templateSnapshotName: snapshot } = desired;
  if (desired.isTemplate) {
    if (guest.config.head.keys.get('template') === '1') return NO_WORK;
    const attribute = 'template';
    const before = guest.running ? whileRunning(attribute) : [];
    return finish(input, { attribute, before, waiting, last: [call(input, 'template', attribute)] });
  }
  if (snapshot === undefined || hasSnapshot(guest, snapshot)) return NO_WORK;
  const attribute = `snapshot ${snapshot}`;
  const last = takeSnapshot(guest, snapshot, { step: STEP, attribute });
  return finish(input, { attribute, before: [], waiting, last });
}

function finish(
  input: PresentGuest,
  {
    attribute,
    before,
    waiting,
    last,
  }: {
    readonly attribute: string;
    readonly before: readonly Operation[];
    readonly waiting: number;
    readonly last: readonly PveOperation[];
  },
): Work {
  const { guest, desired, folder, consent } = input;
  const record = recordOf(guest, folder.folderId);
  const completed = definitionDigest(desired);
  // One that was made for this is used by nobody yet; any other may be at work for somebody.
  const isOwnWork = record.golden === true && (record.completed ?? completed) === completed;
  const effect = guest.running && !isOwnWork ? 'restart' : 'live';
  const shutdown = { ...call(input, 'shutdown', attribute), params: { timeout: waiting } };
  const operations: readonly Operation[] = [
    ...before,
    ...(guest.running ? [shutdown] : []),
    ...(record.completed === completed
      ? []
      : [writeNodeRecord({ ...record, completed }, { step: STEP, changes: [] })]),
    ...last,
  ];
  const stopped = effect === 'restart' ? `, the ${wordsOf(desired.kind).noun} shut down` : '';
  return {
    ...NO_WORK,
    changes: [
      {
        target: guest.vmid,
        step: STEP,
        attribute,
        before: undefined,
        after: `${desired.isTemplate ? 'made' : 'taken'}${stopped}`,
        effect,
      },
    ],
    operations: consent.allows(effect, guest.vmid) ? operations : [],
  };
}

function call({ guest }: PresentGuest, subcommand: string, change: string): PveOperation {
  const { vmid, kind } = guest;
  return {
    op: 'pve',
    target: vmid,
    step: STEP,
    changes: [change],
    gates: [],
    call: `${wordsOf(kind).tool} ${subcommand}`,
    vmid,
    params: {},
  };
}
