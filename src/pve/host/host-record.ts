import type { HostRecord, HostRecordList } from '../../model/host-record.ts';
import { parseJson, strings } from '../record-text.ts';

/** Where the host's own record stands: on pmxcfs where there is one. */
export function hostRecordPath(hasProxmox: boolean): string {
  return hasProxmox ? '/etc/pve/priv/phoenix/host.json' : '/var/lib/phoenix/host.json';
}

/** A record that says that Phoenix made nothing on the host. */
export const EMPTY_HOST_RECORD: HostRecord = {
  packages: [],
  users: [],
  sshKeys: [],
  pools: [],
  datasets: [],
  storages: [],
  interfaces: [],
  firewallEntries: [],
};

/** The text of a record, the same for the same record. */
export function printHostRecord(record: HostRecord): string {
  const ordered = LISTS.map((list) => [list, [...new Set(record[list])].toSorted()] as const);
  return `${JSON.stringify(Object.fromEntries(ordered), undefined, 2)}\n`;
}

/** Reads a record's text; what is no list of texts in it counts as empty. */
export function parseHostRecord(text: string): HostRecord {
  const found = parseJson(text);
  const entries = new Map<string, unknown>(
    typeof found === 'object' && found !== null ? Object.entries(found) : [],
  );
  const lists = LISTS.map((list) => [list, strings(entries.get(list))] as const);
  return { ...EMPTY_HOST_RECORD, ...Object.fromEntries(lists) };
}

const LISTS = Object.keys(EMPTY_HOST_RECORD) as readonly HostRecordList[];
