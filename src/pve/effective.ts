import type { GuestConfig } from '../model/observation.ts';

/** A container's keys as they will be after its next start: the head with what is pending applied. */
export function effectiveKeys(config: GuestConfig): ReadonlyMap<string, string> {
  if (!config.pending) return config.head.keys;
  const keys = new Map(config.head.keys);
  for (const key of pendingDeletes(config)) keys.delete(key);
  for (const [key, value] of config.pending?.keys ?? []) {
    if (key !== 'delete') keys.set(key, value);
  }
  return keys;
}

/** The keys that wait for their removal; a `!` before a key (forced) is not part of it. */
export function pendingDeletes(config: GuestConfig): ReadonlySet<string> {
  const list = config.pending?.keys.get('delete');
  if (list === undefined) return NONE;
  return new Set(
    list
      .split(/[\s,;]+/)
      .map((key) => key.replace(/^!/, ''))
      .filter((key) => key !== ''),
  );
}

const NONE: ReadonlySet<string> = new Set();

/** Every key that has something pending: a value or a removal. */
export function pendingKeys(config: GuestConfig): ReadonlySet<string> {
  const keys = new Set(pendingDeletes(config));
  for (const key of config.pending?.keys.keys() ?? []) if (key !== 'delete') keys.add(key);
  return keys;
}
