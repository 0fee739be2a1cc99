import type { DesiredGuest } from '../../model/desired.ts';
import type { Change } from '../../model/change.ts';
import { NOTHING, type Manager, type Step, type StepAnswer, type StepInput } from '../../model/step.ts';
import type { GuestKind } from '../../model/target.ts';
import { present, type GuestStep, type PresentGuest } from './input.ts';
import { cannotBeTakenBack } from './snapshot-obstacles.ts';
import { forgetRecordAt, keepRecordAt, recordAt, rollBackTo } from './snapshot-record.ts';
import { BEFORE, hasSnapshot, removeSnapshot, snapshotCall, type Asks } from './snapshots.ts';
import { wordsOf } from './words.ts';

const OPEN = 'open_transaction';
const CLOSE = 'close_transaction';

/**
 * A guest's machine with what `on_failure: rollback` needs around the steps that change it: a
 * snapshot before the first change to a running guest, which goes once its health checks pass, and
 * the way back to it.
 */
export function inTransaction<Desired extends DesiredGuest>(
  kind: GuestKind,
  manager: Manager<Desired>,
): Manager<Desired> {
  const { steps } = manager;
  const start = steps.findIndex(({ name }) => name === wordsOf(kind).configure);
  const end = steps.findIndex(({ name }) => name === 'run_health_check');
  const changing = steps.slice(start, end);
  return {
    ...manager,
    steps: [
      ...steps.slice(0, start),
      openTransaction(changing),
      ...changing,
      ...steps.slice(end, end + 1),
      closeTransaction,
      ...steps.slice(end + 1),
    ],
    takeBack,
  };
}

/** Takes a guest back to the snapshot, with what no snapshot holds. */
const takeBack: GuestStep = {
  name: 'take_back',
  plan: (input): StepAnswer => {
    const guest = present(input);
    if (!guest || !isOpen(guest)) return NOTHING;
    const asks = { step: 'take_back', attribute: `snapshot ${BEFORE}` };
    return {
      ...NOTHING,
      changes: [change(guest, asks, { before: undefined, after: 'rolled back to' })],
      operations: [
        ...rollBackTo(guest, BEFORE, { ...asks, isStarted: true, isSpent: true }),
        removeSnapshot(guest.guest, BEFORE, asks),
      ],
    };
  },
};

function openTransaction<Desired extends DesiredGuest>(changing: readonly Step<Desired>[]): Step<Desired> {
  return {
    name: OPEN,
    plan: (input): StepAnswer => {
      const guest = present(input);
      // A guest that does not run is in nobody's use, and a fresh one has nothing to go back to.
      if (guest?.guest.running !== true) return NOTHING;
      if (isOpen(guest) || !asksForWork(changing, input)) return NOTHING;
      const obstacles = cannotBeTakenBack(guest);
      if (obstacles.length > 0) return { ...NOTHING, diagnostics: obstacles };
      const asks = { step: OPEN, attribute: `snapshot ${BEFORE}` };
      const isThere = guest.guest.config.snapshots.has(BEFORE);
      return {
        ...NOTHING,
        changes: [change(guest, asks, { before: undefined, after: 'taken' })],
        operations: [
          // One that a rollback left behind, its last call cut short, is of another moment.
          ...(isThere ? [removeSnapshot(guest.guest, BEFORE, asks)] : []),
          keepRecordAt(guest, BEFORE, OPEN),
          snapshotCall(guest.guest, 'snapshot', { name: BEFORE, ...asks }),
        ],
      };
    },
  };
}

const closeTransaction: GuestStep = {
  name: CLOSE,
  plan: (input): StepAnswer => {
    const guest = present(input);
    if (!guest || !recordAt(guest, BEFORE)) return NOTHING;
    const asks = { step: CLOSE, attribute: `snapshot ${BEFORE}` };
    const isThere = guest.guest.config.snapshots.has(BEFORE);
    return {
      ...NOTHING,
      changes: [change(guest, asks, { before: 'taken', after: undefined })],
      operations: [
        ...(isThere ? [removeSnapshot(guest.guest, BEFORE, asks)] : []),
        forgetRecordAt(guest, BEFORE, asks),
      ],
    };
  },
};

/** Was the snapshot taken, to its end, for a change that nobody has closed or taken back yet? */
function isOpen(guest: PresentGuest): boolean {
  return recordAt(guest, BEFORE) !== undefined && hasSnapshot(guest.guest, BEFORE);
}

/** Would one of the steps do something, or does it first have to ask inside? */
function asksForWork<Desired extends DesiredGuest>(
  steps: readonly Step<Desired>[],
  input: StepInput<Desired>,
): boolean {
  return steps.some((step) => {
    const { operations, probes } = step.plan(input);
    return operations.length > 0 || probes.length > 0;
  });
}

function change(
  { guest }: PresentGuest,
  { step, attribute }: Asks,
  { before, after }: Pick<Change, 'before' | 'after'>,
): Change {
  return { target: guest.vmid, step, attribute, before, after, effect: 'live' };
}
