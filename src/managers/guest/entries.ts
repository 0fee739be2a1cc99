import type { GuestConfig } from '../../model/observation.ts';

/** The key of the entry (`mp3`) whose text fits, lowest index first. */
export function findEntry(
  keys: ReadonlyMap<string, string>,
  prefix: string,
  fits: (text: string) => boolean,
): string | undefined {
  let found: string | undefined;
  let lowest = Infinity;
  for (const [key, text] of keys) {
    const index = indexOf(key, prefix);
    if (index === undefined || index >= lowest || !fits(text)) continue;
    [found, lowest] = [key, index];
  }
  return found;
}

/** Entries of a numbered key (`mp0`, `mp1`, …) by index. */
export function entriesOf(
  keys: ReadonlyMap<string, string>,
  prefix: string,
): readonly (readonly [string, string])[] {
  return [...keys]
    .filter(([key]) => indexOf(key, prefix) !== undefined)
    .toSorted(([a], [b]) => (indexOf(a, prefix) ?? 0) - (indexOf(b, prefix) ?? 0));
}

/** The lowest index that neither stands nor waits in the config nor is taken already; takes it. */
export function freeIndex(config: GuestConfig, prefix: string, taken: Set<number>): number {
  const used = new Set(
    [...config.head.keys.keys(), ...(config.pending?.keys.keys() ?? [])].flatMap(
      (key) => indexOf(key, prefix) ?? [],
    ),
  );
  let index = 0;
  while (used.has(index) || taken.has(index)) index += 1;
  taken.add(index);
  return index;
}

function indexOf(key: string, prefix: string): number | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const digits = key.slice(prefix.length);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}
