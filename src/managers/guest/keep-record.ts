import type { WriteOperation } from '../../model/operation.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { NodeRecord } from '../../model/record.ts';
import { normalizeRule, parseFirewallFile, sectionLines } from '../../pve/firewall-file.ts';
import { emptyNodeRecord, nodeRecordPath, printNodeRecord } from '../../pve/node-record.ts';
import { recordOf, type GuestInput, type PresentGuest } from './input.ts';
import { volumesOf } from './volumes-of.ts';
import { NO_WORK, type Work } from './work.ts';

/** The lists of a record: what Phoenix put into the guest, by what identifies each entry. */
export type ListName = 'mounts' | 'devices' | 'nics' | 'rawLines' | 'firewallRules' | 'disks' | 'pciDevices';

/** Per list, whether an entry still stands in the guest in any form. A list without an answer has none. */
export type Presence = Partial<Record<ListName, (entry: string) => boolean>>;

/** The record of a guest that is about to be made, or made anew from what a killed run left. */
export function newRecord({ desired, observed }: GuestInput): NodeRecord {
  const { vmid, isTemplate, templateSnapshotName } = desired;
  const isGolden = isTemplate || templateSnapshotName !== undefined;
  const volumesBefore = observed.guest
    ? observed.guest.nodeRecord?.volumesBefore
    : volumesOf(observed.node.volumes, vmid);
  return {
    ...emptyNodeRecord(vmid),
    ...(volumesBefore && volumesBefore.length > 0 && { volumesBefore }),
    ...(isGolden && { golden: true }),
  };
}

/** Two records as one: everything that either names, the first's marks kept. */
export function joinRecords(first: NodeRecord, second: NodeRecord): NodeRecord {
  return withLists(first, (list) => [...new Set([...entries(first, list), ...entries(second, list)])]);
}

/** The call that writes a record, whole. */
export function writeNodeRecord(
  record: NodeRecord,
  asks: { readonly step: string; readonly changes: readonly string[] },
): WriteOperation {
  return {
    op: 'write',
    target: record.vmid,
    step: asks.step,
    changes: asks.changes,
    gates: [],
    in: 'node',
    path: nodeRecordPath(record.vmid),
    content: printNodeRecord(record),
    mode: 0o600,
  };
}

/**
 * The record with what is about to be put in (`wanted`), written before the call that does; nothing
 * where it is in the record already.
 */
export function announceRecord({ guest, folder }: PresentGuest, wanted: NodeRecord, step: string): Work {
  const record = recordOf(guest, folder.folderId);
  const joined = joinRecords(record, wanted);
  const isNew = LISTS.some((list) => entries(joined, list).length > entries(record, list).length);
  if (!isNew) return NO_WORK;
  return { ...NO_WORK, operations: [writeNodeRecord(joined, { step, changes: [] })] };
}

/**
 * The record without entries that the folder no longer has and that are gone from the guest:
 * otherwise the same entry, made by someone else later, would count as ours.
 */
export function tidyRecord(
  { guest, folder }: PresentGuest,
  { wanted, isHere, step }: { readonly wanted: NodeRecord; readonly isHere: Presence; readonly step: string },
): Work {
  const record = recordOf(guest, folder.folderId);
  const tidied = withLists(record, (list) =>
    entries(record, list).filter(
      (entry) => entries(wanted, list).includes(entry) || isHere[list]?.(entry) === true,
    ),
  );
  const gone = LISTS.flatMap((list) =>
    entries(record, list).filter((entry) => !entries(tidied, list).includes(entry)),
  );
  if (gone.length === 0) return NO_WORK;
  return {
    ...NO_WORK,
    changes: [
      {
        target: guest.vmid,
        step,
        attribute: 'record',
        before: gone.join(', '),
        after: undefined,
        effect: 'live',
      },
    ],
    operations: [writeNodeRecord(tidied, { step, changes: ['record'] })],
  };
}

/** Does a rule stand in the guest's firewall file? */
export function firewallRuleIsHere({ firewall }: ObservedGuest): (rule: string) => boolean {
  const rules = new Set(sectionLines(parseFirewallFile(firewall ?? ''), 'RULES').map(normalizeRule));
  return (rule) => rules.has(rule);
}

const LISTS: readonly ListName[] = [
  'mounts',
  'devices',
  'nics',
  'rawLines',
  'firewallRules',
  'disks',
  'pciDevices',
];

function entries(record: NodeRecord, list: ListName): readonly string[] {
  return record[list] ?? [];
}

function withLists(record: NodeRecord, listOf: (list: ListName) => readonly string[]): NodeRecord {
  const lists = LISTS.filter((list) => record[list] !== undefined || listOf(list).length > 0);
  return { ...record, ...Object.fromEntries(lists.map((list) => [list, listOf(list)])) };
}
