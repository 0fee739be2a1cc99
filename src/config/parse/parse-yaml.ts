import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type ParsedNode, parseDocument } from 'yaml';
import type { Findings } from '../diagnose.ts';

import { positionAt, type Source } from './source.ts';
import { MAX_DEPTH, reportDuplicate } from './tree-builder.ts';
import type { Located, LocatedEntry } from './tree.ts';

/** YAML as a tree; undefined where the syntax is wrong (which is reported). Aliases are followed. */
export function parseYaml(
  source: Source,
  findings: Findings,
  version: '1.1' | '1.2' = '1.2',
): Located | undefined {
  try {
    const document = parseDocument(source.text, {
      version,
      uniqueKeys: false,
      prettyErrors: false,
      // Silent would pass over a second document.
      logLevel: 'error',
      merge: true,
    });
    for (const error of document.errors.slice(0, 1)) {
      const [start, end] = error.pos;
      const isSecond = error.code === 'MULTIPLE_DOCS';
      findings.add('syntax', {
        summary: 'Not valid YAML',
        detail: isSecond
          ? 'Another document begins here.'
          : `${error.message.split('\n')[0]}.`.replace('..', '.'),
        position: positionAt(source, start, end),
        remedy: isSecond
          ? 'Keep one document in a file: remove the line "---" or all that follows it.'
          : 'Check the indentation, and quote texts that hold ": " or begin with a special sign.',
      });
    }
    if (document.errors.length > 0) return undefined;
    if (!document.contents) {
      findings.add('empty-file', {
        summary: 'A configuration file is empty',
        position: positionAt(source, 0),
      });
      return undefined;
    }
    return convert({ source, findings, document, budget: { nodes: MAX_NODES } }, document.contents, 0);
  } catch (error) {
    if (error instanceof BadAliasError) {
      findings.add('syntax', {
        summary: 'Not valid YAML',
        detail: 'This alias has no anchor before it.',
        position: positionAt(source, error.start, error.end),
        remedy: 'Put &name before the value that *name stands for, or quote the text.',
      });
      return undefined;
    }
    if (!(error instanceof RangeError) && !(error instanceof ReferenceError)) throw error;
    findings.add('too-deep', { summary: 'Values are nested too deeply', position: positionAt(source, 0) });
    return undefined;
  }
}

class BadAliasError extends Error {
  readonly start: number;
  readonly end: number;
  constructor(start: number, end: number) {
    super('alias without anchor');
    [this.start, this.end] = [start, end];
  }
}

/** Guards against aliases of aliases that grow without end. */
const MAX_NODES = 2_000_000;

type Context = {
  readonly source: Source;
  readonly findings: Findings;
  readonly document: Document.Parsed;
  readonly budget: { nodes: number };
};

function convert(context: Context, node: unknown, depth: number): Located {
  context.budget.nodes -= 1;
  if (depth > MAX_DEPTH || context.budget.nodes < 0) throw new RangeError('too deep');
  const [start, end] = rangeOf(node);
  if (isAlias(node)) {
    const target = node.resolve(context.document);
    if (target) return convert(context, target, depth + 1);
    throw new BadAliasError(start, end);
  }
  if (isMap(node)) return { type: 'object', start, end, entries: entriesOf(context, node.items, depth) };
  if (isSeq(node)) {
    return { type: 'array', start, end, items: node.items.map((item) => convert(context, item, depth + 1)) };
  }
  const value: unknown = isScalar(node) ? node.value : null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { type: 'scalar', start, end, value };
  }
  // A date stays the text that it is written as.
  if (value instanceof Date)
    return { type: 'scalar', start, end, value: context.source.text.slice(start, end) };
  if (value instanceof Uint8Array) {
    context.findings.add('syntax', {
      summary: 'A binary value cannot be used',
      detail: 'It is tagged as !!binary.',
      remedy: 'Write it as a text; a file of write_files takes base64 with "encoding: b64".',
      position: positionAt(context.source, start, end),
    });
  }
  if (typeof value === 'bigint') return { type: 'scalar', start, end, value: Number(value) };
  return { type: 'scalar', start, end, value: null };
}

function entriesOf(context: Context, items: readonly unknown[], depth: number): Map<string, LocatedEntry> {
  const entries = new Map<string, LocatedEntry>();
  const merged: Located[] = [];
  for (const pair of items) {
    if (!isPair(pair)) continue;
    const [start, end] = rangeOf(pair.key);
    const name = keyText(context, pair.key);
    const value = convert(context, pair.value, depth + 1);
    if (name === '<<') {
      merged.push(...(value.type === 'array' ? value.items : [value]));
      continue;
    }
    const earlier = entries.get(name);
    if (earlier) reportDuplicate(context.source, context.findings, earlier, { name, start, end });
    else entries.set(name, { keyStart: start, keyEnd: end, value });
  }
  for (const source of merged) {
    if (source.type !== 'object') continue;
    for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
  }
  return entries;
}

/** A key as it is written, so that `0900:` does not become `900:`. */
function keyText(context: Context, key: unknown): string {
  if (!isScalar(key)) return context.source.text.slice(...rangeOf(key));
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

function rangeOf(node: unknown): [number, number] {
  const range = (node as ParsedNode | null)?.range;
  return range ? [range[0], range[1]] : [0, 0];
}
