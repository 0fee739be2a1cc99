import type { Position } from '../model/diagnostic.ts';
import { escapeControl } from './escape.ts';
import { widthOf } from './width.ts';

/** A place as `file:line:column`, below `cwd` relative to it. */
export function showPlace({ file, line, column }: Position, cwd: string | undefined): string {
  const below = cwd === undefined ? undefined : cwd.endsWith('/') ? cwd : `${cwd}/`;
  const path = below !== undefined && file.startsWith(below) ? file.slice(below.length) : file;
  return `${escapeControl(path)}:${line}:${column}`;
}

/** The offending line with its number, and under it carets below what is wrong. */
export function sourceLines(position: Position, width: number): readonly string[] {
  const { line, column, lineText } = position;
  if (lineText === undefined) return [];
  const number = String(line);
  const room = Math.max(20, width - number.length - 3);
  const { before, marked, after } = windowOf(lineText, column - 1, position.length ?? 1, room);
  const indent = ' '.repeat(widthOf(before));
  const carets = '^'.repeat(Math.max(1, widthOf(marked)));
  return [`${number} │ ${before}${marked}${after}`, `${' '.repeat(number.length)} │ ${indent}${carets}`];
}

type Window = { readonly before: string; readonly marked: string; readonly after: string };

/** A long line is cut on both sides of the place; what is cut shows as `…`. */
function windowOf(text: string, start: number, length: number, room: number): Window {
  const from = Math.min(Math.max(0, start), text.length);
  const to = Math.min(text.length, from + Math.max(1, length));
  const marked = keepEnds(clean(text.slice(from, to)), room);
  const rest = Math.max(0, room - widthOf(marked));
  const left = clean(text.slice(0, from));
  const right = clean(text.slice(to));
  const leftRoom = Math.min(widthOf(left), Math.max(Math.floor(rest / 2), rest - widthOf(right)));
  const before = widthOf(left) <= leftRoom ? left : `…${lastOf(left, leftRoom - 1)}`;
  const rightRoom = rest - widthOf(before);
  const after = widthOf(right) <= rightRoom ? right : `${firstOf(right, rightRoom - 1)}…`;
  return { before, marked, after };
}

function clean(text: string): string {
  return escapeControl(text.replaceAll('\t', ' '));
}

function keepEnds(text: string, room: number): string {
  return widthOf(text) <= room ? text : `${firstOf(text, room - 1)}…`;
}

function firstOf(text: string, width: number): string {
  let kept = '';
  for (const character of text) {
    if (widthOf(kept + character) > width) break;
    kept += character;
  }
  return kept;
}

function lastOf(text: string, width: number): string {
  return [...firstOf([...text].toReversed().join(''), width)].toReversed().join('');
}
