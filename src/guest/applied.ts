import type { DesiredFeature, DesiredGuest, DesiredScript } from '../model/desired.ts';
import type { Fact, WriteOperation } from '../model/operation.ts';
import type { GuestRecord, RecordState } from '../model/record.ts';
import { GUEST_RECORD_PATH, printGuestRecord } from '../pve/guest-record.ts';

/** What a guest's record says, as far as it can be known. An unknown record counts as an empty one. */
export type Applied = {
  readonly features: ReadonlyMap<string, string>;
  readonly scripts: ReadonlyMap<string, string>;
  /** False where there may be a record that could not be read. */
  readonly isKnown: boolean;
};

/** The record of a guest as maps; a missing observation is an unknown record. */
export function readApplied(record: RecordState | undefined): Applied {
  if (record === undefined || record === 'unknown') return { ...EMPTY, isKnown: false };
  if (record === 'none') return EMPTY;
  return {
    features: new Map(Object.entries(record.features)),
    scripts: new Map(Object.entries(record.scripts)),
    isKnown: true,
  };
}

/** `applied` with one more feature. */
export function withFeature(applied: Applied, feature: DesiredFeature): Applied {
  return { ...applied, features: new Map([...applied.features, [feature.name, feature.digest]]) };
}

/**
 * `applied` with this script as the only one: an earlier one must run again when the folder
 * returns to it, since the one in between may have undone its work.
 */
export function withScript(applied: Applied, script: DesiredScript): Applied {
  return { ...applied, scripts: new Map([[script.name, script.digest]]) };
}

/** The operation that writes the whole record into a guest. */
export function writeRecord(
  guest: DesiredGuest,
  applied: Applied,
  carries: { readonly step: string; readonly changes: readonly string[] },
): WriteOperation {
  const record: GuestRecord = {
    features: Object.fromEntries(applied.features),
    scripts: Object.fromEntries(applied.scripts),
  };
  return {
    op: 'write',
    target: guest.vmid,
    step: carries.step,
    changes: carries.changes,
    gates: [],
    in: guest.vmid,
    path: GUEST_RECORD_PATH,
    content: printGuestRecord(record),
    mode: 0o600,
  };
}

/** What is true in a guest once this feature is in place. */
export function featureFact(feature: DesiredFeature): Fact {
  return `feature:${feature.name}@${feature.digest}`;
}

/** What is true in a guest once this script has run. */
export function scriptFact(script: DesiredScript): Fact {
  return `script:${script.name}@${script.digest}`;
}

const EMPTY: Applied = { features: new Map(), scripts: new Map(), isKnown: true };
