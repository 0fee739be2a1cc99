import { type ParseErrorCode, visit } from 'jsonc-parser';
import type { Findings } from '../diagnose.ts';
import { positionAt, type Source } from './source.ts';
import type { Located, LocatedEntry } from './tree.ts';

/** JSON with comments and trailing commas as a tree; undefined where the syntax is wrong (which is reported). */
export function parseJson(source: Source, findings: Findings): Located | undefined {
  const builder = treeBuilder(source, findings);
  let lastErrorLine = -2;
  let hasFailed = false;
  try {
    visit(
      source.text,
      {
        onObjectBegin: (offset) => builder.open('object', offset),
        onObjectProperty: (name, offset, length) => builder.key(name, offset, length),
        onObjectEnd: (offset, length) => builder.close(offset + length),
        onArrayBegin: (offset) => builder.open('array', offset),
        onArrayEnd: (offset, length) => builder.close(offset + length),
        onLiteralValue: (value: string | number | boolean | null, offset, length) =>
          builder.value({ type: 'scalar', start: offset, end: offset + length, value }),
        onError: (code, offset, length, line) => {
          hasFailed = true;
          // The parser goes on after an error, and what it says of the same or the next line is mostly its echo.
          if (line - lastErrorLine > 1) {
            const position = positionAt(source, Math.min(offset, source.text.length), offset + length);
            findings.add('syntax', { summary: 'Not valid JSON', ...SYNTAX[code], position });
          }
          lastErrorLine = line;
        },
      },
      { disallowComments: false, allowTrailingComma: true, allowEmptyContent: false },
    );
  } catch (error) {
    if (!(error instanceof TooDeepError) && !(error instanceof RangeError)) throw error;
    const position = positionAt(source, error instanceof TooDeepError ? error.offset : 0);
    findings.add('too-deep', { summary: 'Values are nested deeper than 64 levels', position });
    return undefined;
  }
  return hasFailed ? undefined : builder.root();
}

export const MAX_DEPTH = 64;

class TooDeepError extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super('too deep');
    this.offset = offset;
  }
}

type Open =
  | {
      readonly type: 'object';
      readonly start: number;
      readonly entries: Map<string, LocatedEntry>;
      key?: Key;
    }
  | { readonly type: 'array'; readonly start: number; readonly items: Located[] };
type Key = { readonly name: string; readonly start: number; readonly end: number };

function treeBuilder(source: Source, findings: Findings) {
  const stack: Open[] = [];
  let root: Located | undefined;
  const value = (node: Located): void => {
    const parent = stack.at(-1);
    if (!parent) root ??= node;
    else if (parent.type === 'array') parent.items.push(node);
    else if (parent.key) {
      const { name, start, end } = parent.key;
      delete parent.key;
      const earlier = parent.entries.get(name);
      if (earlier) reportDuplicate(source, findings, earlier, { name, start, end });
      else parent.entries.set(name, { keyStart: start, keyEnd: end, value: node });
    }
  };
  return {
    value,
    root: () => root,
    open: (type: 'object' | 'array', start: number): void => {
      if (stack.length >= MAX_DEPTH) throw new TooDeepError(start);
      stack.push(type === 'object' ? { type, start, entries: new Map() } : { type, start, items: [] });
    },
    key: (name: string, offset: number, length: number): void => {
      const parent = stack.at(-1);
      if (parent?.type === 'object') parent.key = { name, start: offset, end: offset + length };
    },
    close: (end: number): void => {
      const open = stack.pop();
      if (!open) return;
      const { start } = open;
      if (open.type === 'array') value({ type: 'array', start, end, items: open.items });
      else value({ type: 'object', start, end, entries: open.entries });
    },
  };
}

/** Reports a key that stands twice, at its second place. */
export function reportDuplicate(source: Source, findings: Findings, earlier: LocatedEntry, key: Key): void {
  findings.add('duplicate-key', {
    summary: 'A key stands twice in one object',
    detail: `${JSON.stringify(key.name)} stands already at line ${positionAt(source, earlier.keyStart).line}; only one of the two would count.`,
    position: positionAt(source, key.start, key.end),
  });
}

/** By `ParseErrorCode` of jsonc-parser, whose enum is erased at build time. */
const SYNTAX: Readonly<Record<ParseErrorCode, { readonly detail: string; readonly remedy: string }>> = {
  1: {
    detail: 'This is no JSON value.',
    remedy: 'Put a text into double quotes; write true, false, null as they are.',
  },
  2: { detail: 'This is no number.', remedy: 'Write digits, a point for decimals, no leading zeros.' },
  3: { detail: 'The name of a key is expected here.', remedy: 'Put the key into double quotes.' },
  4: { detail: 'A value is expected here.', remedy: 'Add the missing value, or remove what leads up to it.' },
  5: { detail: 'A colon is expected here.', remedy: 'Put a colon between key and value.' },
  6: { detail: 'A comma is expected here.', remedy: 'Put a comma after the entry before this one.' },
  7: { detail: 'A closing } is missing.', remedy: 'Close the object.' },
  8: { detail: 'A closing ] is missing.', remedy: 'Close the list.' },
  9: {
    detail: 'The file goes on after its end.',
    remedy: 'Remove what follows, or the bracket too many before it.',
  },
  10: { detail: 'This comment is not allowed here.', remedy: 'Remove the comment.' },
  11: { detail: 'A comment is not closed.', remedy: 'Close it with */.' },
  12: { detail: 'A text is not closed.', remedy: 'Close it with a double quote on the same line.' },
  13: { detail: 'A number is not finished.', remedy: 'Complete the number.' },
  14: { detail: 'A \\u escape is wrong.', remedy: 'Give it four hexadecimal digits.' },
  15: { detail: 'This escape does not exist.', remedy: 'Write a backslash as \\\\.' },
  16: { detail: 'A text holds a control character.', remedy: 'Write it as an escape, such as \\n or \\t.' },
};
