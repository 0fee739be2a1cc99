import * as v from 'valibot';

/** What a key's schema says besides its type; read by messages, the JSON Schema and the reference page. */
export type KeyFacts = {
  readonly description?: string;
  /** Completes "must be …". */
  readonly expects?: string;
  readonly remedy?: string;
  readonly example?: unknown;
  /** The key does nothing and never will; completes "… because". */
  readonly noEffect?: string;
  /** The key is understood, and a later version acts on it. */
  readonly isLater?: true;
  /** The key's value is handed to application scripts and to features that name it among their inputs. */
  readonly isScriptInput?: true;
  /** Only a secret reference will do. */
  readonly isSecret?: true;
  /** An empty text is a value of its own and not the same as leaving the key out. */
  readonly keepsEmpty?: true;
};

export type AnySchema = v.GenericSchema;

/** An optional key. */
export function key<TSchema extends AnySchema>(
  schema: TSchema,
  description: string,
  facts: KeyFacts = {},
): v.OptionalSchema<TSchema, undefined> {
  return v.optional(need(schema, description, facts), undefined);
}

/** A required key. */
export function need<TSchema extends AnySchema>(
  schema: TSchema,
  description: string,
  facts: KeyFacts = {},
): TSchema {
  const described: unknown = v.pipe(schema, v.metadata({ ...facts, description }));
  return described as TSchema;
}

/** A key that the shell predecessor's files have and that does nothing; any value is accepted. */
export function idle(description: string, noEffect: string): v.OptionalSchema<v.UnknownSchema, undefined> {
  return key(v.unknown(), description, { noEffect });
}

/** What is said of a schema, through `optional` and `pipe`. */
export function factsOf(schema: AnySchema): KeyFacts {
  const known = FACTS.get(schema);
  if (known) return known;
  const facts = v.getMetadata(unwrap(schema)) as KeyFacts;
  FACTS.set(schema, facts);
  return facts;
}

/** Schemas never change, and their facts are asked for once per key of every guest. */
const FACTS = new WeakMap<AnySchema, KeyFacts>();

/** A schema that is built when it is first needed: building all of them is a tenth of a short run. */
export function once<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => (built ??= build());
}

/** The schema inside `optional` wrappers. */
export function unwrap(schema: AnySchema): AnySchema {
  let inner = schema;
  while ('wrapped' in inner) inner = inner.wrapped as AnySchema;
  return inner;
}
