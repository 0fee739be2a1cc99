import type { Findings } from '../diagnose.ts';
import { positionAt, type Source } from './source.ts';
import type { Located, LocatedEntry } from './tree.ts';

/** How deep values may be nested. */
export const MAX_DEPTH = 64;

/** Thrown where an object or list is opened too deep inside others. */
export class TooDeepError extends Error {
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

/** Puts a tree together from what a parser says it sees; a key that stands twice is reported. */
export function treeBuilder(source: Source, findings: Findings) {
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
    /** Is the next text the name of a key? */
    awaitsKey: (): boolean => {
      const parent = stack.at(-1);
      return parent?.type === 'object' && parent.key === undefined;
    },
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
