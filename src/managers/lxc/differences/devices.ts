import { effectiveKeys } from '../../../pve/effective.ts';
import { isSameProperty, parseProperties } from '../../../pve/property-string.ts';
import { recordOf } from '../../guest/input.ts';
import type { PresentInput } from '../input.ts';
import { newDevice, wantedDevices, type WantedDevice } from '../wanted/devices.ts';
import { difference, type Difference } from '../../guest/difference.ts';
import { findEntry, freeIndex } from '../../guest/entries.ts';

/** Device nodes that differ, found by their path on the node. */
export function deviceDifferences(input: PresentInput): readonly Difference[] {
  const { desired, guest, folder, observed } = input;
  const wanted = wantedDevices(desired, observed.node.gpuDevices);
  const taken = new Set<number>();
  const changed = wanted.flatMap((device) => changedDevice(input, device, taken));
  const paths = new Set(wanted.map(({ path }) => path));
  const removed = recordOf(guest, folder.folderId)
    .devices.filter((path) => !paths.has(path))
    .flatMap((path) => removedDevice(input, path));
  return [...changed, ...removed];
}

/** The key of the device entry with a path. */
export function findDevice(keys: ReadonlyMap<string, string>, path: string): string | undefined {
  return findEntry(keys, 'dev', (text) => parseProperties(text, 'path').get('path') === path);
}

function changedDevice(input: PresentInput, device: WantedDevice, taken: Set<number>): readonly Difference[] {
  const { guest } = input;
  const { config } = guest;
  const attribute = `device ${device.path}`;
  const later = effectiveKeys(config);
  const key = findDevice(later, device.path) ?? findDevice(config.head.keys, device.path);
  if (key === undefined) {
    const value = newDevice(device);
    const index = freeIndex(config, 'dev', taken);
    const said = { attribute, before: undefined, after: value, effect: 'live' as const };
    return [difference(input, said, { kind: 'set', key: `dev${index}`, value })];
  }
  const [nowText, nextText] = [config.head.keys.get(key), later.get(key)];
  if (isSatisfied(nextText, device)) return [];
  if (isSatisfied(nowText, device)) {
    const said = { attribute, before: `${nextText ?? 'removed'} at the next start`, after: nowText };
    return [difference(input, { ...said, effect: 'live' }, { kind: 'revert', key })];
  }
  const current = parseProperties(nextText ?? nowText ?? '', 'path');
  const parts = new Map([...current, ...device.parts]);
  parts.delete('path');
  const value = newDevice({ path: device.path, parts });
  const effect = guest.running ? ('restart' as const) : ('live' as const);
  const said = { attribute, before: nextText ?? nowText, after: value, effect };
  return [difference(input, said, { kind: 'set', key, value })];
}

function removedDevice(input: PresentInput, path: string): readonly Difference[] {
  const { guest } = input;
  const key = findDevice(effectiveKeys(guest.config), path);
  if (key === undefined) return [];
  const effect = guest.running ? ('restart' as const) : ('live' as const);
  const before = effectiveKeys(guest.config).get(key);
  const said = { attribute: `device ${path}`, before, after: undefined, effect };
  return [difference(input, said, { kind: 'delete', key })];
}

function isSatisfied(text: string | undefined, { path, parts }: WantedDevice): boolean {
  if (text === undefined) return false;
  const current = parseProperties(text, 'path');
  if (current.get('path') !== path) return false;
  return [...parts].every(([part, value]) => isSameProperty(part, current.get(part), value));
}
