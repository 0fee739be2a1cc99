import * as v from 'valibot';
import type { Target } from '../../model/target.ts';
import type { Findings } from '../diagnose.ts';
import { positionAt, type Source } from '../parse/source.ts';
import { locate, type LocatedEntry, type LocatedObject, type Path } from '../parse/tree.ts';
import type { AnySchema } from '../schema/key.ts';
import { describeIssue } from './describe-issue.ts';
import { type IdleKeys, readValue } from './read-value.ts';

export type ShapeContext = {
  readonly source: Source;
  readonly findings: Findings;
  readonly target?: Target | undefined;
  /** The key that the object stands behind. */
  readonly entry?: LocatedEntry | undefined;
  /** Keys that do nothing, gathered over guests so that each is reported once. */
  readonly idle: IdleKeys;
};

export type Shape<T> = {
  /** What can be relied on: the value, without the keys that are wrong; undefined if nothing is left of it. */
  readonly value: T | undefined;
  /** Is the whole value as the schema says? */
  readonly isSound: boolean;
};

/** Checks an object against its schema and reports everything that is wrong, each at its place. */
export function checkShape<TSchema extends AnySchema>(
  schema: TSchema,
  node: LocatedObject,
  context: ShapeContext,
): Shape<v.InferOutput<TSchema>> {
  const plain = readValue(schema, node, context);
  const result = v.safeParse(schema, plain, PARSE);
  if (result.success) return { value: result.output, isSound: true };
  for (const issue of flatten(result.issues)) reportIssue(schema, node, issue, context);
  return { value: withoutWrongKeys(schema, plain, result.issues), isSound: false };
}

/** The first problem of each value is enough; those of its siblings are all reported. */
const PARSE = { abortPipeEarly: true } as const;

type Issue = v.BaseIssue<unknown>;

/** A union's issue holds those of its members; if one member is an object that was meant, its issues say more. */
function flatten(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    const inner = (issue.issues ?? []).filter((nested) => (nested.path?.length ?? 0) > 0);
    if (inner.length === 0) return [issue];
    return flatten(inner).map((nested) => ({
      ...nested,
      path: [...(issue.path ?? []), ...(nested.path ?? [])] as unknown as NonNullable<Issue['path']>,
    }));
  });
}

function pathOf(issue: Issue): Path {
  return (issue.path ?? []).map((item) => (typeof item.key === 'number' ? item.key : String(item.key)));
}

function reportIssue(schema: AnySchema, root: LocatedObject, issue: Issue, context: ShapeContext): void {
  const path = pathOf(issue);
  const found = locate(root, path);
  const { node, depth } = found;
  const entry = node === root ? context.entry : found.entry;
  const { source } = context;
  const isUnset = node.type === 'scalar' && (node.value === null || node.value === '');
  const isMissing = depth < path.length || (isUnset && isMissingKey(issue));
  const isWrongKey = !isMissing && issue.path?.at(-1)?.origin === 'key';
  // A missing key has no place of its own: the key of its object, or else its bracket, stands for it.
  const isWholeObject = isMissing && node.type === 'object';
  const position =
    (isWholeObject || isWrongKey) && entry
      ? positionAt(source, entry.keyStart, entry.keyEnd)
      : positionAt(source, node.start, isWholeObject ? node.start + 1 : node.end);
  const { code, ...finding } = describeIssue(schema, path, issue, { isMissing, isWrongKey, node });
  context.findings.add(code, { ...finding, position, target: context.target });
}

/** Valibot's own way of saying that an object lacks a required key. */
function isMissingKey(issue: Issue): boolean {
  return issue.received === 'undefined';
}

function withoutWrongKeys<TSchema extends AnySchema>(
  schema: TSchema,
  plain: unknown,
  issues: readonly Issue[],
): v.InferOutput<TSchema> | undefined {
  const rest: Record<string, unknown> = Object.assign(Object.create(null), plain);
  for (const issue of issues) delete rest[String(pathOf(issue)[0])];
  const result = v.safeParse(schema, rest, PARSE);
  return result.success ? result.output : undefined;
}
