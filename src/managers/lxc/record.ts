import type { NodeRecord } from '../../model/record.ts';
import { effectiveKeys } from '../../pve/effective.ts';
import { emptyNodeRecord } from '../../pve/node-record.ts';
import { parseProperties } from '../../pve/property-string.ts';
import { findEntry } from '../guest/entries.ts';
import { wantedRules } from '../guest/firewall.ts';
import { firewallRuleIsHere, tidyRecord, type Presence } from '../guest/keep-record.ts';
import type { Work } from '../guest/work.ts';
import { findDevice } from './differences/devices.ts';
import { findMount } from './differences/mounts.ts';
import type { LxcInput, PresentInput } from './input.ts';
import { printLine } from './raw-lines.ts';
import { wantedDevices } from './wanted/devices.ts';
import { wantedMounts } from './wanted/mounts.ts';

/** What the folder puts into the container, as a record names it. */
export function wantedRecord({ desired, observed }: LxcInput): NodeRecord {
  return {
    ...emptyNodeRecord(desired.vmid),
    mounts: wantedMounts(desired).map(({ path }) => path),
    devices: wantedDevices(desired, observed.node.gpuDevices).map(({ path }) => path),
    nics: desired.nics.map(({ name }) => name),
    rawLines: [...new Set(desired.rawLines.map(printLine))],
    firewallRules: wantedRules(desired),
  };
}

/** The container's record without what the folder no longer has and that is gone from it. */
export function tidyContainerRecord(input: PresentInput, step: string): Work {
  return tidyRecord(input, { wanted: wantedRecord(input), isHere: presence(input), step });
}

/** Does an entry still stand in the container, or wait in it, or is it what it was started with? */
function presence({ guest }: PresentInput): Presence {
  const { head } = guest.config;
  const later = effectiveKeys(guest.config);
  const lines = new Set([...head.raw, ...(guest.startedWith ?? [])].map(printLine));
  const hasNic = (keys: ReadonlyMap<string, string>, name: string): boolean =>
    findEntry(keys, 'net', (text) => parseProperties(text).get('name') === name) !== undefined;
  return {
    mounts: (path) => (findMount(head.keys, path) ?? findMount(later, path)) !== undefined,
    devices: (path) => (findDevice(head.keys, path) ?? findDevice(later, path)) !== undefined,
    nics: (name) => hasNic(head.keys, name) || hasNic(later, name),
    rawLines: (line) => lines.has(line),
    firewallRules: firewallRuleIsHere(guest),
  };
}
