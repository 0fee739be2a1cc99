import { createHash } from 'node:crypto';
import type { DesiredGuest } from '../../model/desired.ts';
import { Secret } from '../../model/value.ts';

/**
 * Digest of a guest's definition, the same for the same definition whatever the order of its
 * keys and wherever it stands. A secret counts by its reference.
 */
export function definitionDigest({ position: _position, ...definition }: DesiredGuest): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(definition)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (value instanceof Secret) return value.toJSON();
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
