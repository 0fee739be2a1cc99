import type { Target } from './target.ts';

/** What a change does to whoever uses the guest, from harmless to irreversible. */
export const EFFECTS = [
  'live',
  'restart',
  'interrupts-network',
  'reboot',
  'detaches-volume',
  'recreate',
  'destroys-data',
] as const;

export type Effect = (typeof EFFECTS)[number];

/** One difference between the folder and the node. `before`/`after` are for people; secrets come masked. */
export type Change = {
  readonly target: Target;
  readonly step: string;
  /** What differs: `memory`, `mount /data`, `feature docker`. Unique per target and step. */
  readonly attribute: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly effect: Effect;
  /** What the planned operation takes for granted because no observation can see it. */
  readonly assumes?: string;
};

/** The effects that a run may have, per target; `live` is always allowed. */
export type Consent = {
  readonly allows: (effect: Effect, target: Target) => boolean;
  /** `--adopt`: take over a guest with a declared id that carries no line of ours. */
  readonly adopt: boolean;
  /** Serial numbers of disks that may be wiped (`--wipe-disk`), where `destroys-data` is allowed besides. */
  readonly wipeDisks?: readonly string[];
};

/** Consent for nothing but what goes unnoticed. */
export const LIVE_ONLY: Consent = { allows: (effect) => effect === 'live', adopt: false };
