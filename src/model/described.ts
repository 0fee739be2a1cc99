import type { GuestId, GuestKind } from './target.ts';

/** A guest that is there, in the words of a configuration folder. */
export type DescribedGuest = {
  readonly vmid: GuestId;
  readonly kind: GuestKind;
  readonly name: string;
  /** Its keys in groups that belong together, each in the order in which people read them. */
  readonly groups: readonly Readonly<Record<string, unknown>>[];
  /** What it has and no key can say, or what is only a guess; a line each. */
  readonly remarks: readonly string[];
};
