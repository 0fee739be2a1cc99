import type { Effect } from '../../../model/change.ts';
import { showValue, type Value } from '../../../model/value.ts';
import { effectiveKeys } from '../../../pve/effective.ts';
import { isHotplugged } from '../../../pve/qemu/hotplug.ts';
import type { Properties } from '../../../pve/property-string.ts';
import { difference, type Difference } from '../../guest/difference.ts';
import type { PresentVm } from '../input.ts';
import { revertPending } from './revert-pending.ts';

/** A disk, NIC or PCI device in its slot, as the folder wants it. */
export type Slot = {
  /** The key that is its slot, which identifies it: `net0`. */
  readonly key: string;
  /** What it is, for people: `nic`. */
  readonly what: string;
  readonly parse: (text: string) => Properties;
  /** Has what stands in the slot everything that the folder says? */
  readonly isSatisfied: (current: Properties) => boolean;
  /** Its value where the slot is empty. */
  readonly fresh: () => SlotValue;
  /** Its value where the slot holds `current`; what the folder doesn't say stays. */
  readonly changed: (current: Properties) => SlotValue;
  /** What a change does to a running VM that takes it at once; `before` is undefined in an empty slot. */
  readonly liveEffect: (before: string | undefined, after: string) => Effect;
};

export type SlotValue = {
  readonly value: Value;
  /** The same with what the node invented in its place. */
  readonly text: string;
  /** Gates of what it allocates. */
  readonly gates?: readonly string[];
};

/** What differs in one slot, and the part of the one call that closes it. */
export function slotDifference(input: PresentVm, slot: Slot): readonly Difference[] {
  const { config } = input.guest;
  const { key, parse, isSatisfied } = slot;
  const [nowText, nextText] = [config.head.keys.get(key), effectiveKeys(config).get(key)];
  if (nextText !== undefined && isSatisfied(parse(nextText))) return [];
  const attribute = `${slot.what} ${key}`;
  if (nowText !== undefined && isSatisfied(parse(nowText))) return [revertPending(input, key, attribute)];
  const before = nextText ?? nowText;
  const { value, text, gates = [] } = before === undefined ? slot.fresh() : slot.changed(parse(before));
  const effect = effectOf(input, { key, after: text }, () => slot.liveEffect(nowText, text));
  const said = { attribute, before, after: showValue(value), effect };
  return [difference(input, said, { kind: 'set', key, value, gates })];
}

/** The removal of what Phoenix put into a slot and the folder no longer has; nothing where it is gone. */
export function slotRemoval(
  input: PresentVm,
  { key, what, liveEffect }: { readonly key: string; readonly what: string; readonly liveEffect: Effect },
): readonly Difference[] {
  const before = effectiveKeys(input.guest.config).get(key);
  if (before === undefined) return [];
  // A volume is let go whether now or at the next start.
  const isVolume = liveEffect === 'detaches-volume';
  const effect = isVolume ? liveEffect : effectOf(input, { key, after: undefined }, () => liveEffect);
  const said = { attribute: `${what} ${key}`, before, after: undefined, effect };
  return [difference(input, said, { kind: 'delete', key })];
}

function effectOf(
  { guest }: PresentVm,
  { key, after }: { readonly key: string; readonly after: string | undefined },
  liveEffect: () => Effect,
): Effect {
  if (!guest.running) return 'live';
  const { keys } = guest.config.head;
  return isHotplugged(keys, { key, before: keys.get(key), after }) ? liveEffect() : 'restart';
}
