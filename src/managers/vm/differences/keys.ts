import type { ConfigSection } from '../../../model/observation.ts';
import { effectiveKeys, pendingKeys } from '../../../pve/effective.ts';
import { isHotplugged } from '../../../pve/qemu/hotplug.ts';
import { isSameMachineValue } from '../../../pve/qemu/same-value.ts';
import { difference, type Difference } from '../../guest/difference.ts';
import type { PresentVm } from '../input.ts';
import { wantedKeys } from '../wanted/keys.ts';
import { revertPending } from './revert-pending.ts';

/**
 * Single-valued keys that are not, and will not be, what the folder says. A value that waits for the
 * next start satisfies; one that waits and contradicts is taken back, and set where that is not enough.
 */
export function keyDifferences(input: PresentVm): readonly Difference[] {
  const { guest, desired, folder } = input;
  const { config } = guest;
  const later = effectiveKeys(config);
  return [...wantedKeys(desired, folder, config.head.description)].flatMap(([key, wanted]) => {
    const now = readKey(config.head, key);
    const next = key === 'description' ? now : later.get(key);
    const value = wanted(next);
    if (isSameMachineValue(key, next, value)) return [];
    if (isSameMachineValue(key, now, wanted(now))) return [revertPending(input, key, key)];
    const isLive = !guest.running || isHotplugged(config.head.keys, { key, before: now, after: value });
    const said = { attribute: key, before: next, after: value, effect: isLive ? 'live' : 'restart' } as const;
    const action =
      value === undefined ? ({ kind: 'delete', key } as const) : ({ kind: 'set', key, value } as const);
    return [difference(input, said, action)];
  });
}

/** Keys that the folder sets and that wait, with the value it wants, for the next start. */
export function waitingKeys({ guest, desired, folder }: PresentVm): readonly string[] {
  const { config } = guest;
  const wanted = wantedKeys(desired, folder, config.head.description);
  const later = effectiveKeys(config);
  return [...pendingKeys(config)].filter((key) => {
    const value = wanted.get(key);
    return value !== undefined && isSameMachineValue(key, later.get(key), value(later.get(key)));
  });
}

function readKey(section: ConfigSection, key: string): string | undefined {
  return key === 'description' ? section.description : section.keys.get(key);
}
