import type { Operation, WriteOperation } from '../../model/operation.ts';
import type { NodeRecord, RecordAtSnapshot } from '../../model/record.ts';
import { firewallPath } from '../../pve/firewall-file.ts';
import { recordOf, type PresentGuest } from './input.ts';
import { writeNodeRecord } from './keep-record.ts';
import { rollbackCall, type Asks } from './snapshots.ts';

/** What the record keeps of a snapshot that Phoenix took; undefined for any other. */
export function recordAt(input: PresentGuest, name: string): RecordAtSnapshot | undefined {
  return recordOf(input.guest, input.folder.folderId).snapshots?.[name];
}

/** Keeps what no snapshot holds, before the snapshot is taken: our record and the firewall file. */
export function keepRecordAt(input: PresentGuest, name: string, step: string): WriteOperation {
  const { guest, folder } = input;
  const { snapshots = {}, ...record } = recordOf(guest, folder.folderId);
  const kept: RecordAtSnapshot = { record, firewall: guest.firewall ?? null };
  return writeNodeRecord(
    { ...record, snapshots: { ...standing(input, snapshots), [name]: kept } },
    { step, changes: [] },
  );
}

/** The record without what it kept of a snapshot that is gone. */
export function forgetRecordAt(input: PresentGuest, name: string, asks: Asks): WriteOperation {
  const { guest, folder } = input;
  const { snapshots = {}, ...record } = recordOf(guest, folder.folderId);
  const { [name]: _, ...others } = standing(input, snapshots);
  return writeNodeRecord({ ...record, snapshots: others }, { step: asks.step, changes: [asks.attribute] });
}

/**
 * Everything that takes a guest back to a snapshot; it runs afterwards where it should. A snapshot that
 * is spent goes afterwards, so the record forgets it.
 */
export function rollBackTo(
  input: PresentGuest,
  name: string,
  { isStarted, isSpent = false, ...asks }: Asks & { readonly isStarted: boolean; readonly isSpent?: boolean },
): readonly Operation[] {
  const { guest, folder } = input;
  const { rollingBackTo, ...current } = recordOf(guest, folder.folderId);
  const { snapshots = {} } = current;
  const kept = snapshots[name];
  const rollback = rollbackCall(guest, name, { isStarted, ...asks });
  const done = (record: NodeRecord): Operation =>
    writeNodeRecord(record, { step: asks.step, changes: [asks.attribute] });
  // One that was taken by hand: what Phoenix put into the guest since may be there or not.
  if (!kept) return rollingBackTo === undefined ? [rollback] : [rollback, done(current)];
  const firewall: WriteOperation = {
    op: 'write',
    target: guest.vmid,
    step: asks.step,
    changes: [asks.attribute],
    gates: [],
    in: 'node',
    path: firewallPath(guest.vmid),
    content: kept.firewall,
  };
  const { [name]: own, ...others } = standing(input, snapshots);
  const record: NodeRecord = {
    ...kept.record,
    snapshots: isSpent || !own ? others : { ...others, [name]: own },
  };
  return [rollback, ...((guest.firewall ?? null) === kept.firewall ? [] : [firewall]), done(record)];
}

/** Records of snapshots that are still there. */
function standing(
  { guest }: PresentGuest,
  snapshots: NonNullable<NodeRecord['snapshots']>,
): NonNullable<NodeRecord['snapshots']> {
  return Object.fromEntries(Object.entries(snapshots).filter(([name]) => guest.config.snapshots.has(name)));
}
