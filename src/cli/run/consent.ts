import { EFFECTS, type Change, type Consent, type Effect } from '../../model/change.ts';
import type { GuestId, Target } from '../../model/target.ts';
import type { OptionValues } from '../command-line/parse.ts';

/**
 * The consent that the command line gives: `live` always, what `--allow` names on every target, and
 * what the verb itself says (`restart` on the targets of `phoenix restart`).
 */
export function consentOf(options: OptionValues, byVerb: Consent['allows'] = () => false): Consent {
  const allowed = new Set<string>(['live', ...options.list('allow')]);
  return {
    allows: (effect, target) => allowed.has(effect) || byVerb(effect, target),
    adopt: options.has('adopt'),
    wipeDisks: options.list('wipe-disk'),
  };
}

/** What a verb consents to by its own name: these effects (`undefined`: any) on its targets. */
export function byNaming(targets: Iterable<GuestId>, effect?: Effect): Consent['allows'] {
  const named = new Set<Target>(targets);
  return (asked, target) => named.has(target) && (effect === undefined || asked === effect);
}

/** The consent with some more effects, each on one target. */
export function widened(consent: Consent, granted: readonly Grant[]): Consent {
  const keys = new Set(granted.map(keyOf));
  return {
    ...consent,
    allows: (effect, target) => consent.allows(effect, target) || keys.has(keyOf({ effect, target })),
  };
}

/** Consent to one effect on one target. */
export type Grant = { readonly target: Target; readonly effect: Effect };

/** What was left because nobody consented, by target and effect, with the changes that wait for it. */
export function missingConsent(
  left: readonly Change[],
  consent: Consent,
): readonly (Grant & { readonly changes: readonly Change[] })[] {
  const groups = new Map<string, Grant & { readonly changes: Change[] }>();
  for (const change of left) {
    const { target, effect } = change;
    if (consent.allows(effect, target) || (target === 'node' && NOT_ASKED.has(effect))) continue;
    const group = groups.get(keyOf(change)) ?? { target, effect, changes: [] };
    group.changes.push(change);
    groups.set(keyOf(change), group);
  }
  return [...groups.values()].sort(
    (one, other) => EFFECTS.indexOf(one.effect) - EFFECTS.indexOf(other.effect),
  );
}

/** Of the host: it is never rebooted by Phoenix, and a disk is named by its serial on the command line. */
const NOT_ASKED: ReadonlySet<Effect> = new Set(['reboot', 'destroys-data']);

function keyOf({ target, effect }: Grant): string {
  return `${target} ${effect}`;
}
