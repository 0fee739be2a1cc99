import type { Position } from '../../model/diagnostic.ts';

/** A file's text with its lines, so that an offset becomes a position. */
export type Source = {
  /** As people see it: relative to the working directory where that is shorter. */
  readonly file: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
};

export function sourceOf(file: string, text: string): Source {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { file, text, lineStarts };
}

/** The position of `[start, end)`; a range over several lines is cut at the end of its first line. */
export function positionAt(source: Source, start: number, end: number = start + 1): Position {
  const { file, text, lineStarts } = source;
  let [low, high] = [0, lineStarts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= start) low = middle;
    else high = middle - 1;
  }
  const lineStart = lineStarts[low] ?? 0;
  const lineText = lineAt(text, lineStart);
  const column = start - lineStart + 1;
  const length = Math.max(1, Math.min(end - start, lineText.length - (column - 1)));
  return { file, line: low + 1, column, length, lineText };
}

function lineAt(text: string, lineStart: number): string {
  const newline = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, newline === -1 ? undefined : newline);
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
