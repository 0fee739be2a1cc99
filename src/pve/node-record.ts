import type { NodeRecord } from '../model/record.ts';
import type { GuestId } from '../model/target.ts';
import { parseJson, strings } from './record-text.ts';

/** Where the record of a guest stands on the node; on pmxcfs, so every node of a cluster has it. */
export function nodeRecordPath(vmid: GuestId): string {
  return `/etc/pve/priv/phoenix/${vmid}.json`;
}

/** A record that says that Phoenix put nothing into the guest. */
export function emptyNodeRecord(vmid: GuestId): NodeRecord {
  return { vmid, mounts: [], devices: [], nics: [], rawLines: [], firewallRules: [] };
}

/** The text of a record, the same for the same record. */
export function printNodeRecord(record: NodeRecord): string {
  const { vmid, mounts, devices, nics, rawLines, firewallRules } = record;
  const {
    disks = [],
    pciDevices = [],
    volumesBefore,
    renewHostKeys,
    golden,
    completed,
    snapshots,
    rollingBackTo,
  } = record;
  const ordered: NodeRecord = {
    vmid,
    mounts,
    devices,
    nics,
    rawLines,
    firewallRules,
    ...(disks.length > 0 && { disks }),
    ...(pciDevices.length > 0 && { pciDevices }),
    ...(volumesBefore && { volumesBefore }),
    ...(renewHostKeys && { renewHostKeys }),
    ...(golden && { golden }),
    ...(rollingBackTo !== undefined && { rollingBackTo }),
    ...(completed !== undefined && { completed }),
    ...(snapshots && Object.keys(snapshots).length > 0 && { snapshots }),
  };
  return `${JSON.stringify(ordered, undefined, 2)}\n`;
}

/** Reads a record's text; undefined where it is no record of this guest. */
export function parseNodeRecord(text: string, vmid: GuestId): NodeRecord | undefined {
  return readRecord(parseJson(text), vmid);
}

function readRecord(found: unknown, vmid: GuestId): NodeRecord | undefined {
  if (typeof found !== 'object' || found === null) return undefined;
  const entries = new Map<string, unknown>(Object.entries(found));
  if (entries.get('vmid') !== vmid) return undefined;
  const completed = entries.get('completed');
  const rollingBackTo = entries.get('rollingBackTo');
  const volumesBefore = strings(entries.get('volumesBefore'));
  const [disks, pciDevices] = [strings(entries.get('disks')), strings(entries.get('pciDevices'))];
  return {
    vmid,
    mounts: strings(entries.get('mounts')),
    devices: strings(entries.get('devices')),
    nics: strings(entries.get('nics')),
    rawLines: strings(entries.get('rawLines')),
    firewallRules: strings(entries.get('firewallRules')),
    ...(disks.length > 0 && { disks }),
    ...(pciDevices.length > 0 && { pciDevices }),
    ...(volumesBefore.length > 0 && { volumesBefore }),
    ...(entries.get('renewHostKeys') === true && { renewHostKeys: true }),
    ...(entries.get('golden') === true && { golden: true }),
    ...(typeof rollingBackTo === 'string' && { rollingBackTo }),
    ...(typeof completed === 'string' && { completed }),
    ...readSnapshots(entries.get('snapshots'), vmid),
  };
}

function readSnapshots(found: unknown, vmid: GuestId): Pick<NodeRecord, 'snapshots'> {
  if (typeof found !== 'object' || found === null) return {};
  const snapshots = Object.entries(found).flatMap(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [];
    const entries = new Map<string, unknown>(Object.entries(value));
    const record = readRecord(entries.get('record'), vmid);
    const firewall = entries.get('firewall');
    const isWhole = record && (typeof firewall === 'string' || firewall === null);
    return isWhole ? [[name, { record, firewall }] as const] : [];
  });
  return snapshots.length > 0 ? { snapshots: Object.fromEntries(snapshots) } : {};
}
