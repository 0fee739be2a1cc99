import { isHotplugged, isHotUnplugged } from '../../../pve/lxc/hotplug.ts';
import { effectiveKeys, pendingKeys } from '../../../pve/effective.ts';
import { isSameValue } from '../../../pve/lxc/same-value.ts';
import type { ConfigSection, GuestConfig } from '../../../model/observation.ts';
import type { PresentInput } from '../input.ts';
import { wantedScalars } from '../wanted/scalars.ts';
import { difference, type Difference } from '../../guest/difference.ts';

/**
 * Single-valued keys that are not, and will not be, what the folder says. A value that waits for the
 * next start satisfies; one that waits and contradicts is reverted, and set where that is not enough.
 */
export function scalarDifferences(input: PresentInput): readonly Difference[] {
  const { guest, desired, folder } = input;
  const { config } = guest;
  const wanted = wantedScalars(desired, folder, config.head.description);
  const later = effectiveKeys(config);
  return [...wanted].flatMap(([key, value]) => {
    const now = readKey(config.head, key);
    const next = key === 'description' ? now : later.get(key);
    if (isSameValue(key, next, value)) return [];
    if (isSameValue(key, now, value)) return [revert(input, key, { next, value })];
    const said = { attribute: key, before: next, after: value === '' ? undefined : value };
    if (value === '') {
      // A value that waits survives a removal, and both can't be asked for in one call.
      const waits = config.pending?.keys.has(key) === true;
      if (waits) return [revert(input, key, { next, value: now })];
      const effect = guest.running && !isHotUnplugged(key) ? 'restart' : 'live';
      return [difference(input, { ...said, effect }, { kind: 'delete', key })];
    }
    const effect = guest.running && !isHotplugged(key, now === undefined) ? 'restart' : 'live';
    return [difference(input, { ...said, effect }, { kind: 'set', key, value })];
  });
}

/** Scalar keys that the folder sets and that wait, with the value it wants, for the next start. */
export function waitingScalars({ guest, desired, folder }: PresentInput): readonly string[] {
  const config: GuestConfig = guest.config;
  const wanted = wantedScalars(desired, folder, config.head.description);
  const later = effectiveKeys(config);
  return [...pendingKeys(config)].filter((key) => {
    const value = wanted.get(key);
    return value !== undefined && isSameValue(key, later.get(key), value);
  });
}

function revert(
  input: PresentInput,
  key: string,
  { next, value }: { readonly next: string | undefined; readonly value: string | undefined },
): Difference {
  const said = {
    attribute: `pending ${key}`,
    before: next === undefined ? 'removed at the next start' : `${next} at the next start`,
    after: value,
    effect: 'live' as const,
  };
  return difference(input, said, { kind: 'revert', key });
}

function readKey(section: ConfigSection, key: string): string | undefined {
  return key === 'description' ? section.description : section.keys.get(key);
}
