/** A parsed YAML or JSON object. */
export type Document = Readonly<Record<string, unknown>>;

/**
 * Two documents as one: objects are merged key by key, lists are put one behind the other, and of
 * anything else the second's value holds.
 */
export function mergeDocuments(first: Document, second: Document | undefined): Document {
  if (second === undefined) return first;
  const merged = new Map(Object.entries(first));
  for (const [key, value] of Object.entries(second)) {
    merged.set(key, Object.hasOwn(first, key) ? mergeValues(first[key], value) : value);
  }
  return Object.fromEntries(merged);
}

/** True for an object with keys, as opposed to a list or a scalar. */
export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergeValues(first: unknown, second: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(second))
    return [...(first as unknown[]), ...(second as unknown[])];
  if (isDocument(first) && isDocument(second)) return mergeDocuments(first, second);
  return second;
}
