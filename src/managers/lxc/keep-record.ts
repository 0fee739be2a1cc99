import type { WriteOperation } from '../../model/operation.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { NodeRecord } from '../../model/record.ts';
import { normalizeRule, parseFirewallFile, sectionLines } from '../../pve/firewall-file.ts';
import { effectiveKeys } from '../../pve/lxc/effective.ts';
import { emptyNodeRecord, nodeRecordPath, printNodeRecord } from '../../pve/node-record.ts';
import { parseProperties } from '../../pve/property-string.ts';
import { findDevice } from './differences/devices.ts';
import { findEntry } from './differences/entries.ts';
import { findMount } from './differences/mounts.ts';
import { wantedRules } from './firewall.ts';
import { volumesOf } from './volumes-of.ts';
import { recordOf, type LxcInput, type PresentInput } from './input.ts';
import { printLine } from './raw-lines.ts';
import { wantedDevices } from './wanted/devices.ts';
import { wantedMounts } from './wanted/mounts.ts';
import { NO_WORK, type Work } from './work.ts';

/** What the folder puts into the guest, as a record names it. */
export function wantedRecord({ desired, observed }: LxcInput): NodeRecord {
  return {
    vmid: desired.vmid,
    mounts: wantedMounts(desired).map(({ path }) => path),
    devices: wantedDevices(desired, observed.node.gpuDevices).map(({ path }) => path),
    nics: desired.nics.map(({ name }) => name),
    rawLines: [...new Set(desired.rawLines.map(printLine))],
    firewallRules: wantedRules(desired),
  };
}

/** The record of a container that is about to be made, or made anew from what a killed run left. */
export function newRecord({ desired, observed }: LxcInput): NodeRecord {
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
  const join = (list: ListName): readonly string[] => [...new Set([...first[list], ...second[list]])];
  return {
    ...first,
    mounts: join('mounts'),
    devices: join('devices'),
    nics: join('nics'),
    rawLines: join('rawLines'),
    firewallRules: join('firewallRules'),
  };
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
 * The record with what is about to be put in, written before the call that does; nothing where it is
 * in the record already.
 */
export function announceRecord(input: PresentInput, step: string): Work {
  const { guest, folder } = input;
  const record = recordOf(guest, folder.folderId);
  const joined = joinRecords(record, wantedRecord(input));
  const isNew = LISTS.some((list) => joined[list].length > record[list].length);
  if (!isNew) return NO_WORK;
  return { ...NO_WORK, operations: [writeNodeRecord(joined, { step, changes: [] })] };
}

/**
 * The record without entries that the folder no longer has and that are gone from the guest:
 * otherwise the same entry, made by someone else later, would count as ours.
 */
export function tidyRecord(input: PresentInput, step: string): Work {
  const { guest, folder } = input;
  const record = recordOf(guest, folder.folderId);
  const wanted = wantedRecord(input);
  if (LISTS.every((list) => record[list].every((entry) => wanted[list].includes(entry)))) return NO_WORK;
  const isHere = presence(guest);
  const tidy = (list: ListName): readonly string[] =>
    record[list].filter((entry) => wanted[list].includes(entry) || isHere[list](entry));
  const tidied: NodeRecord = {
    ...record,
    mounts: tidy('mounts'),
    devices: tidy('devices'),
    nics: tidy('nics'),
    rawLines: tidy('rawLines'),
    firewallRules: tidy('firewallRules'),
  };
  const gone = LISTS.flatMap((list) => record[list].filter((entry) => !tidied[list].includes(entry)));
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

type ListName = 'mounts' | 'devices' | 'nics' | 'rawLines' | 'firewallRules';

const LISTS: readonly ListName[] = ['mounts', 'devices', 'nics', 'rawLines', 'firewallRules'];

/** Does an entry still stand in the guest, or wait in it, or is it what the guest was started with? */
function presence(guest: ObservedGuest): Record<ListName, (entry: string) => boolean> {
  const { head } = guest.config;
  const later = effectiveKeys(guest.config);
  const lines = new Set([...head.raw, ...(guest.startedWith ?? [])].map(printLine));
  const rules = new Set(sectionLines(parseFirewallFile(guest.firewall ?? ''), 'RULES').map(normalizeRule));
  const hasNic = (keys: ReadonlyMap<string, string>, name: string): boolean =>
    findEntry(keys, 'net', (text) => parseProperties(text).get('name') === name) !== undefined;
  return {
    mounts: (path) => (findMount(head.keys, path) ?? findMount(later, path)) !== undefined,
    devices: (path) => (findDevice(head.keys, path) ?? findDevice(later, path)) !== undefined,
    nics: (name) => hasNic(head.keys, name) || hasNic(later, name),
    rawLines: (line) => lines.has(line),
    firewallRules: (rule) => rules.has(rule),
  };
}
