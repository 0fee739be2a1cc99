import type { Change, Effect } from '../../../model/change.ts';
import type { Value } from '../../../model/value.ts';
import type { PresentInput } from '../input.ts';

/** What `pct set` does about one key. `revert` drops what waits for the next start. */
export type KeyAction =
  | { readonly kind: 'set'; readonly key: string; readonly value: Value; readonly gates?: readonly string[] }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'revert'; readonly key: string };

/** A change of the container's configuration and the part of the one `pct set` that closes it. */
export type Difference = { readonly change: Change; readonly action: KeyAction };

export const STEP = 'apply_configurations';

/** What a change says, besides whom it concerns. */
export type Said = {
  readonly attribute: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly effect: Effect;
};

/** A difference of this container. */
export function difference({ guest }: PresentInput, said: Said, action: KeyAction): Difference {
  return { change: { target: guest.vmid, step: STEP, ...said }, action };
}

/**
 * May the call that closes it run? What Proxmox only queues (`restart`) may, without consent: the
 * restart itself is `start_container`'s.
 */
export function isAllowed({ change }: Difference, { consent }: PresentInput): boolean {
  return change.effect === 'restart' || consent.allows(change.effect, change.target);
}
