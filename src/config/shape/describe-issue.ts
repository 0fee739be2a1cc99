import type * as v from 'valibot';
import { CODES, type Code } from '../codes.ts';
import type { Located, Path } from '../parse/tree.ts';
import { type AnySchema, factsOf, type KeyFacts, unwrap } from '../schema/key.ts';
import { didYouMean } from '../suggest.ts';

export type IssueText = {
  readonly code: Code;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly remedy?: string | undefined;
};

/** What one of valibot's issues means to the person who wrote the file. */
export function describeIssue(
  schema: AnySchema,
  path: Path,
  issue: v.BaseIssue<unknown>,
  found: { readonly isMissing: boolean; readonly isWrongKey: boolean; readonly node: Located },
): IssueText {
  const name = nameOf(path);
  const facts = factsAt(schema, path);
  if (found.isMissing) {
    const example = facts.example === undefined ? '' : `, for example ${keyValue(path, facts.example)}`;
    return { code: 'missing-key', summary: `${name} is missing`, remedy: `Add ${name}${example}.` };
  }
  if (found.isWrongKey) {
    const expects = keyFactsAt(schema, path).expects ?? 'another name';
    return {
      code: codeOf(issue),
      summary: `A name in ${nameOf(path.slice(0, -1))} must be ${expects}`,
      detail: `It is ${JSON.stringify(path.at(-1))}.`,
      remedy: `Choose ${expects}.`,
    };
  }
  const code = codeOf(issue);
  const expects = facts.expects ?? EXPECTS[issue.expected ?? ''] ?? 'another value';
  if (facts.isSecret && found.node.type === 'scalar') {
    return { code: 'literal-secret', summary: `${name} must be ${expects}`, remedy: facts.remedy };
  }
  if (code === 'bad-secret' || code === 'control-character') return { code, summary: SUMMARIES[code](name) };
  return {
    code,
    summary: `${name} must be ${expects}`,
    detail: `It is ${shown(found.node)}.`,
    remedy: facts.remedy ?? remedyFor(name, expects, issue, found.node),
  };
}

const SUMMARIES = {
  'bad-secret': (name: string) => `${name} is no secret reference`,
  'control-character': (name: string) => `${name} holds a line break or another control character`,
} as const;

const EXPECTS: Readonly<Record<string, string>> = {
  Object: 'an object { … }',
  Array: 'a list [ … ]',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};

/** `network_config.ip`, `volumes[2].size_gb` (counted from 1, as people do). */
function nameOf(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part + 1}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

function codeOf(issue: v.BaseIssue<unknown>): Code {
  if (Object.hasOwn(CODES, issue.message)) return issue.message as Code;
  if (issue.kind === 'schema') return issue.type === 'picklist' ? 'bad-value' : 'wrong-type';
  return BY_ACTION[issue.type] ?? 'bad-value';
}

const BY_ACTION: Readonly<Record<string, Code>> = {
  regex: 'bad-format',
  integer: 'wrong-type',
  min_value: 'out-of-range',
  max_value: 'out-of-range',
  min_length: 'out-of-range',
  max_length: 'out-of-range',
};

function factsAt(schema: AnySchema, path: Path): KeyFacts {
  let here: AnySchema | undefined = schema;
  for (const part of path) {
    here = here && childOf(unwrap(here), part);
  }
  return here ? factsOf(here) : {};
}

/** What is said of the keys of the record that holds the last part of a path. */
function keyFactsAt(schema: AnySchema, path: Path): KeyFacts {
  let here: AnySchema | undefined = schema;
  for (const part of path.slice(0, -1)) here = here && childOf(unwrap(here), part);
  const record = here && recordIn(unwrap(here));
  return record && 'key' in record ? factsOf(record.key as AnySchema) : {};
}

function recordIn(schema: AnySchema): AnySchema | undefined {
  if (schema.type === 'record') return schema;
  if (!('options' in schema)) return undefined;
  return (schema.options as readonly AnySchema[]).find(({ type }) => type === 'record');
}

function childOf(schema: AnySchema, part: string | number): AnySchema | undefined {
  if ('entries' in schema) return (schema.entries as Record<string, AnySchema>)[part];
  if ('item' in schema) return schema.item as AnySchema;
  if (schema.type === 'record' && 'value' in schema) return schema.value as AnySchema;
  if ('options' in schema) {
    for (const option of schema.options as readonly unknown[]) {
      const child = isSchema(option) ? childOf(option, part) : undefined;
      if (child) return child;
    }
  }
  return undefined;
}

function isSchema(value: unknown): value is AnySchema {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

function shown(node: Located): string {
  if (node.type === 'object') return 'an object';
  if (node.type === 'array') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (typeof node.value !== 'string') return String(node.value);
  const text = JSON.stringify(node.value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

function remedyFor(name: string, expects: string, issue: v.BaseIssue<unknown>, node: Located): string {
  const value = node.type === 'scalar' ? node.value : undefined;
  if (typeof value === 'string' && issue.expected === 'number' && /^\d+$/.test(value)) {
    return `Write ${value} without quotes.`;
  }
  if (typeof value === 'string' && issue.expected === 'boolean' && /^(?:true|false)$/i.test(value)) {
    return `Write ${value.toLowerCase()} without quotes.`;
  }
  if (typeof value === 'number' && issue.expected === 'string') return `Write "${value}" in quotes.`;
  if (issue.type === 'picklist' && typeof value === 'string') {
    const choices = [...(issue.expected ?? '').matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
    const suggestion = didYouMean(value, choices);
    if (suggestion) return `${suggestion} It takes ${expects}.`;
  }
  if (
    /an IPv4 address with its prefix/.test(expects) &&
    typeof value === 'string' &&
    /^[\d.]+$/.test(value)
  ) {
    return `Add the prefix length: ${value}/24.`;
  }
  return `Set ${name} to ${expects}.`;
}

function keyValue(path: Path, example: unknown): string {
  return `"${String(path.at(-1))}": ${JSON.stringify(example)}`;
}
