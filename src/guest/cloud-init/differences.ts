import { isDocument, type Document } from './merge.ts';

/** Are two parsed documents the same, whatever the order of their keys? */
export function isSameValue(first: unknown, second: unknown): boolean {
  if (Array.isArray(first) && Array.isArray(second)) {
    return first.length === second.length && first.every((one, at) => isSameValue(one, second[at]));
  }
  if (isDocument(first) && isDocument(second)) return differingKeys(first, second).length === 0;
  return first === second;
}

/** The keys at the top of two documents whose values differ, in the order of the second. */
export function differingKeys(first: Document, second: Document): readonly string[] {
  const keys = new Set([...Object.keys(second), ...Object.keys(first)]);
  return [...keys].filter((key) => {
    const isInBoth = Object.hasOwn(first, key) && Object.hasOwn(second, key);
    return !isInBoth || !isSameValue(first[key], second[key]);
  });
}
