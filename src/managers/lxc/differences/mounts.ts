import type { Effect } from '../../../model/change.ts';
import type { Scalar, Value } from '../../../model/value.ts';
import { showValue } from '../../../model/value.ts';
import { storageGate } from '../../../pve/gates.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { isSameProperty, parseProperties, type Properties } from '../../../pve/property-string.ts';
import { recordOf } from '../../guest/input.ts';
import type { PresentInput } from '../input.ts';
import { joinProperties } from '../../guest/join-properties.ts';
import { newMount, normalizePath, wantedMounts, type WantedMount } from '../wanted/mounts.ts';
import { difference, type Difference } from '../../guest/difference.ts';
import { findEntry, freeIndex } from '../../guest/entries.ts';

/**
 * Mounts that differ, found by their path in the container and never by their index. A new one takes
 * the lowest free index; a volume that is there is kept, whatever its name; what Phoenix put there
 * and the folder no longer has is detached.
 */
export function mountDifferences(input: PresentInput): readonly Difference[] {
  const { desired, guest, folder } = input;
  const wanted = wantedMounts(desired);
  const taken = new Set<number>();
  const changed = wanted.flatMap((mount) => changedMount(input, mount, taken));
  const paths = new Set(wanted.map(({ path }) => path));
  const removed = recordOf(guest, folder.folderId)
    .mounts.filter((path) => !paths.has(path))
    .flatMap((path) => removedMount(input, path));
  return [...changed, ...removed];
}

/** The key of the mount at a path. */
export function findMount(keys: ReadonlyMap<string, string>, path: string): string | undefined {
  return findEntry(keys, 'mp', (text) => normalizePath(parseMount(text).get('mp') ?? '') === path);
}

/** The parts of `rootfs` or `mpN`; the source stands under `volume`. */
export function parseMount(text: string): Properties {
  return parseProperties(text, 'volume');
}

/** Is the source of a mount a path of the node rather than a volume of a storage? */
export function isBind(mount: Properties): boolean {
  return mount.get('volume')?.startsWith('/') === true;
}

function changedMount(input: PresentInput, mount: WantedMount, taken: Set<number>): readonly Difference[] {
  const { config } = input.guest;
  const attribute = `mount ${mount.path}`;
  const later = effectiveKeys(config);
  const key = findMount(later, mount.path) ?? findMount(config.head.keys, mount.path);
  if (key === undefined) {
    const value = newMount(mount);
    const index = freeIndex(config, 'mp', taken);
    const said = { attribute, before: undefined, after: value, effect: 'live' as const };
    return [difference(input, said, setAction(`mp${index}`, value, mount))];
  }
  const [nowText, nextText] = [config.head.keys.get(key), later.get(key)];
  if (isSatisfied(nextText, mount)) return [];
  if (isSatisfied(nowText, mount)) {
    const said = { attribute, before: `${nextText ?? 'removed'} at the next start`, after: nowText };
    return [difference(input, { ...said, effect: 'live' }, { kind: 'revert', key })];
  }
  const current = parseMount(nextText ?? nowText ?? '');
  const value = changedValue(current, mount);
  const said = {
    attribute,
    before: nextText ?? nowText,
    after: showValue(value),
    effect: effectOfChange(input, current, mount),
  };
  return [difference(input, said, setAction(key, value, isReplaced(current, mount) ? mount : undefined))];
}

function removedMount(input: PresentInput, path: string): readonly Difference[] {
  const { guest, folder } = input;
  const key = findMount(effectiveKeys(guest.config), path);
  if (key === undefined) return [];
  const before = effectiveKeys(guest.config).get(key) ?? '';
  const ofBind: Effect = guest.running ? 'restart' : 'live';
  // In a fresh clone it is a copy of the source's volume that nobody has used yet.
  const isUnused = !guest.running && recordOf(guest, folder.folderId).renewHostKeys === true;
  const ofVolume: Effect = isUnused ? 'live' : 'detaches-volume';
  const effect = isBind(parseMount(before)) ? ofBind : ofVolume;
  const said = { attribute: `mount ${path}`, before, after: undefined, effect };
  return [difference(input, said, { kind: 'delete', key })];
}

function isSatisfied(text: string | undefined, { path, source, parts }: WantedMount): boolean {
  if (text === undefined) return false;
  const current = parseMount(text);
  if (normalizePath(current.get('mp') ?? '') !== path) return false;
  if (isBind(current) !== (source.kind === 'bind')) return false;
  if (source.kind === 'bind' && normalizePath(current.get('volume') ?? '') !== source.hostPath) return false;
  return [...parts].every(
    ([part, value]) =>
      isSameProperty(part, current.get(part), value) || (value === '0' && !current.has(part)),
  );
}

/** Does the mount get another source, so that the one it has is let go? */
function isReplaced(current: Properties, { source }: WantedMount): boolean {
  return isBind(current) !== (source.kind === 'bind');
}

function effectOfChange({ guest }: PresentInput, current: Properties, mount: WantedMount): Effect {
  if (isReplaced(current, mount) && !isBind(current)) return 'detaches-volume';
  return guest.running ? 'restart' : 'live';
}

function changedValue(current: Properties, mount: WantedMount): Value {
  if (isReplaced(current, mount)) return newMount(mount);
  const { source, path, parts } = mount;
  const merged = new Map<string, Scalar>([...current, ['mp', path], ...parts]);
  merged.delete('volume');
  const volume: Scalar =
    source.kind === 'bind' ? source.hostPath : { fill: 'volume', of: current.get('mp') ?? path };
  return joinProperties([['', volume], ...merged]);
}

function setAction(key: string, value: Value, allocated: WantedMount | undefined): Difference['action'] {
  const source = allocated?.source;
  const gates = source?.kind === 'volume' ? [storageGate(source.storage)] : [];
  return { kind: 'set', key, value, gates };
}
