import type { Change, Effect } from '../../model/change.ts';
import type { Value } from '../../model/value.ts';
import type { PresentGuest } from './input.ts';
import { wordsOf } from './words.ts';

/** What `pct set` or `qm set` does about one key. `revert` drops what waits for the next start. */
export type KeyAction =
  | { readonly kind: 'set'; readonly key: string; readonly value: Value; readonly gates?: readonly string[] }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'revert'; readonly key: string };

/** A change of a guest's configuration and the part of the one call that closes it. */
export type Difference = { readonly change: Change; readonly action: KeyAction };

/** What a change says, besides whom it concerns. */
export type Said = {
  readonly attribute: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly effect: Effect;
};

/** A difference of this guest. */
export function difference({ guest }: PresentGuest, said: Said, action: KeyAction): Difference {
  const { configure: step } = wordsOf(guest.kind);
  return { change: { target: guest.vmid, step, ...said }, action };
}

/**
 * May the call that closes it run? What Proxmox only queues (`restart`) may, without consent: the
 * restart itself is `start_container`'s or `start_vm`'s.
 */
export function isAllowed({ change }: Difference, { consent }: PresentGuest): boolean {
  return change.effect === 'restart' || consent.allows(change.effect, change.target);
}
