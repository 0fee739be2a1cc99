import type { DesiredGuest } from '../../model/desired.ts';
import type { Change } from '../../model/change.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { Operation, PveOperation, WriteOperation } from '../../model/operation.ts';
import { NOTHING, type Manager, type Step, type StepAnswer, type StepInput } from '../../model/step.ts';
import type { GuestKind } from '../../model/target.ts';
import { firewallPath } from '../../pve/firewall-file.ts';
import { present, recordOf, type GuestStep, type PresentGuest } from './input.ts';
import { writeNodeRecord } from './keep-record.ts';
import { cannotBeTakenBack } from './snapshot-obstacles.ts';
import { hasSnapshot, removeSnapshot, snapshotCall } from './snapshots.ts';
import { wordsOf } from './words.ts';

/** The snapshot that a change is taken back to. */
export const BEFORE = 'phoenix-before';

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

/** Takes a guest back to the snapshot, with what no snapshot holds: our record and its firewall file. */
const takeBack: GuestStep = {
  name: 'take_back',
  plan: (input): StepAnswer => {
    const guest = present(input);
    const before = guest && recordOf(guest.guest, input.folder.folderId).before;
    if (!guest || !before || !hasSnapshot(guest.guest, BEFORE)) return NOTHING;
    const asks = { step: 'take_back', attribute: `snapshot ${BEFORE}` };
    const rollback = { ...call(guest.guest, asks), params: { start: true } };
    const firewall: WriteOperation = {
      op: 'write',
      target: guest.guest.vmid,
      step: asks.step,
      changes: [asks.attribute],
      gates: [],
      in: 'node',
      path: firewallPath(guest.guest.vmid),
      content: before.firewall,
    };
    const isFirewallSame = (guest.guest.firewall ?? null) === before.firewall;
    return {
      ...NOTHING,
      changes: [change(guest, asks, { before: undefined, after: 'rolled back to' })],
      operations: [
        rollback,
        ...(isFirewallSame ? [] : [firewall]),
        writeNodeRecord(before.record, { step: asks.step, changes: [asks.attribute] }),
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
      const { before, ...record } = recordOf(guest.guest, input.folder.folderId);
      const isThere = guest.guest.config.snapshots.has(BEFORE);
      if ((before && hasSnapshot(guest.guest, BEFORE)) || !asksForWork(changing, input)) return NOTHING;
      const obstacles = cannotBeTakenBack(guest);
      if (obstacles.length > 0) return { ...NOTHING, diagnostics: obstacles };
      const asks = { step: OPEN, attribute: `snapshot ${BEFORE}` };
      const kept = { ...record, before: { record, firewall: guest.guest.firewall ?? null } };
      return {
        ...NOTHING,
        changes: [change(guest, asks, { before: undefined, after: 'taken' })],
        operations: [
          writeNodeRecord(kept, { step: OPEN, changes: [] }),
          // One that a rollback left behind, its last call cut short, is of another moment.
          ...(isThere ? [removeSnapshot(guest.guest, BEFORE, asks)] : []),
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
    const record = guest && recordOf(guest.guest, input.folder.folderId);
    if (!guest || !record?.before) return NOTHING;
    const { before: _, ...rest } = record;
    const asks = { step: CLOSE, attribute: `snapshot ${BEFORE}` };
    const isThere = guest.guest.config.snapshots.has(BEFORE);
    const operations: readonly Operation[] = [
      ...(isThere ? [removeSnapshot(guest.guest, BEFORE, asks)] : []),
      writeNodeRecord(rest, { step: CLOSE, changes: [asks.attribute] }),
    ];
    return {
      ...NOTHING,
      changes: [change(guest, asks, { before: 'taken', after: undefined })],
      operations,
    };
  },
};

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

type Asks = { readonly step: string; readonly attribute: string };

function change(
  { guest }: PresentGuest,
  { step, attribute }: Asks,
  { before, after }: Pick<Change, 'before' | 'after'>,
): Change {
  return { target: guest.vmid, step, attribute, before, after, effect: 'live' };
}

function call({ vmid, kind }: ObservedGuest, { step, attribute }: Asks): PveOperation {
  return {
    op: 'pve',
    target: vmid,
    step,
    changes: [attribute],
    gates: [],
    call: `${wordsOf(kind).tool} rollback`,
    vmid,
    positional: [BEFORE],
    params: {},
  };
}
