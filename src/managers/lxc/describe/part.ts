/** A part of a description: keys of the folder, and what they can't say. */
export type Part = {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly remarks: readonly string[];
};

/** The keys that have a value. */
export function definedOnly(keys: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

/** The number that a text is; undefined for an absent one. */
export function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
