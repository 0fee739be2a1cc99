import type * as Crypto from 'node:crypto';
import { createRequire } from 'node:module';
import { Secret } from '../../model/value.ts';

/** SHA-256 of a value with its keys in order; a secret counts by its reference only. */
export function digestOf(value: unknown): string {
  // Loaded here because it takes as long as everything else that validating loads.
  const { createHash } = createRequire(import.meta.url)('node:crypto') as typeof Crypto;
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function canonical(value: unknown): string {
  if (value instanceof Secret) return `secret(${JSON.stringify(value.reference)})`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value).sort();
    const record = value as Readonly<Record<string, unknown>>;
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(record[key])}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
