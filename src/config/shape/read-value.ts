import type { Target } from '../../model/target.ts';
import type { Findings } from '../diagnose.ts';
import { positionAt, type Source } from '../parse/source.ts';
import { type Located, type LocatedEntry, type LocatedObject, toPlain } from '../parse/tree.ts';
import { type AnySchema, factsOf, unwrap } from '../schema/key.ts';
import { didYouMean } from '../suggest.ts';

/** A key without effect: where it stands first, why, and how often. */
export type IdleKey = {
  /** `network_config.gw`. */
  readonly place: string;
  readonly source: Source;
  readonly entry: LocatedEntry;
  readonly reason: string | undefined;
  count: number;
};
export type IdleKeys = Map<string, IdleKey>;

type Context = {
  readonly source: Source;
  readonly findings: Findings;
  readonly target?: Target | undefined;
  readonly idle: IdleKeys;
};

/**
 * The plain value of a node, as far as its schema knows it: unknown keys are reported and left out,
 * and so are `null` and, in optional keys, the empty text, which both mean "not set".
 */
export function readValue(schema: AnySchema, node: Located, context: Context, path = ''): unknown {
  const actual = memberFor(unwrap(schema), node);
  if (node.type === 'array') {
    const item = 'item' in actual ? (actual.item as AnySchema) : undefined;
    // Valibot takes a list for an object; null it does not.
    if (!item) return actual.type === 'unknown' ? toPlain(node) : null;
    return node.items.map((child) => readValue(item, child, context, `${path}[]`));
  }
  if (node.type === 'scalar') return node.value;
  if (actual.type === 'record' && 'value' in actual) {
    return readRecord(actual.value as AnySchema, node, context, path);
  }
  if (!('entries' in actual)) return toPlain(node);
  return readObject(actual as ObjectSchema, node, context, path);
}

type ObjectSchema = AnySchema & { readonly entries: Readonly<Record<string, AnySchema>> };

function readObject(schema: ObjectSchema, node: LocatedObject, context: Context, path: string): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) {
    const known = Object.hasOwn(schema.entries, key) ? schema.entries[key] : undefined;
    if (!known) {
      if (schema.type === 'loose_object' && !UNSAFE_KEYS.has(key)) result[key] = toPlain(entry.value);
      else reportUnknown(schema, key, entry, context);
      continue;
    }
    if (isUnset(known, entry.value)) continue;
    noteIdle(known, path, key, entry, context);
    const { value } = entry;
    result[key] =
      value.type === 'scalar'
        ? value.value
        : readValue(known, value, context, path === '' ? key : `${path}.${key}`);
  }
  return result;
}

function readRecord(value: AnySchema, node: LocatedObject, context: Context, path: string): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) {
    if (entry.value.type === 'scalar' && entry.value.value === null) continue;
    if (UNSAFE_KEYS.has(key)) {
      context.findings.add('bad-format', {
        summary: 'A name is not possible here',
        detail: `${JSON.stringify(key)} has a meaning of its own in programs.`,
        remedy: 'Choose another name.',
        position: positionAt(context.source, entry.keyStart, entry.keyEnd),
        target: context.target,
      });
      continue;
    }
    result[key] = readValue(value, entry.value, context, `${path}.*`);
  }
  return result;
}

/** Valibot leaves these out of records without a word. */
const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Of a union, the member that a node of this type was meant for. */
function memberFor(schema: AnySchema, node: Located): AnySchema {
  if (schema.type !== 'union' || !('options' in schema)) return schema;
  const options = schema.options as readonly AnySchema[];
  const found = options.find((option) => {
    if (node.type === 'object') return 'entries' in option || option.type === 'record';
    return node.type === 'array' && 'item' in option;
  });
  return found ?? schema;
}

function isUnset(schema: AnySchema, node: Located): boolean {
  if (node.type !== 'scalar') return false;
  if (node.value === null) return true;
  return node.value === '' && schema.type === 'optional' && !factsOf(schema).keepsEmpty;
}

function noteIdle(schema: AnySchema, path: string, key: string, entry: LocatedEntry, context: Context): void {
  const { noEffect, isLater } = factsOf(schema);
  if (noEffect === undefined && (!isLater || isEmpty(entry.value))) return;
  const place = path === '' ? key : `${path}.${key}`;
  const id = `${context.source.file} ${place}`;
  const known = context.idle.get(id);
  if (known) known.count += 1;
  else context.idle.set(id, { place, source: context.source, entry, reason: noEffect, count: 1 });
}

/** What asks for nothing yet needs no warning that it gets nothing yet. */
function isEmpty(node: Located): boolean {
  return (
    (node.type === 'array' && node.items.length === 0) || (node.type === 'scalar' && node.value === 'none')
  );
}

function reportUnknown(schema: ObjectSchema, key: string, entry: LocatedEntry, context: Context): void {
  const elsewhere = placesOf(key, schema)[0];
  const suggestion = elsewhere
    ? `Did you mean "${elsewhere}"?`
    : didYouMean(key, Object.keys(schema.entries));
  context.findings.add('unknown-key', {
    summary: 'A key is not known here',
    detail: [`Nothing reads ${JSON.stringify(key)}.`, suggestion].filter(Boolean).join(' '),
    remedy: suggestion ? 'Correct the key, or remove it.' : 'Remove the key, or correct its name.',
    position: positionAt(context.source, entry.keyStart, entry.keyEnd),
    target: context.target,
  });
}

/** Where below this object a key of that name exists: `gw` of a guest is `network_config.gw`. */
function placesOf(key: string, schema: ObjectSchema): string[] {
  return Object.entries(schema.entries).flatMap(([parent, child]) => {
    const inner = unwrap(child);
    return 'entries' in inner && Object.hasOwn((inner as ObjectSchema).entries, key)
      ? [`${parent}.${key}`]
      : [];
  });
}
