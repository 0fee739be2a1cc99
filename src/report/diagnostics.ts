import type { Diagnostic, Severity } from '../model/diagnostic.ts';
import { escapeControl, escapeLines } from './escape.ts';
import type { RenderOptions } from './output.ts';
import { showPlace, sourceLines } from './source-line.ts';
import { type Style, styleOf } from './style.ts';
import { proseWidth, wrap } from './width.ts';

/**
 * Diagnostics for people, in the order given: what happened with its code, where with the line
 * and a caret, why, and what to do. A rule on the left shows where each begins and ends, so that a
 * copied part is seen to be one. More than one are counted at the end. Ends with a line end.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  if (diagnostics.length === 0) return '';
  const blocks = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options));
  return diagnostics.length === 1 ? blocks.join('') : `${blocks.join('')}${countLine(diagnostics)}\n`;
}

/** One diagnostic, see `renderDiagnostics`. */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const style = styleOf(options.hasColour);
  const { symbol, word, paint } = LOOKS[diagnostic.severity](style);
  const width = proseWidth(options.columns) - 2;
  const parts = [
    headline(diagnostic, { symbol, word, paint }, style, width),
    place(diagnostic, options.cwd, width, paint),
    prose(diagnostic.detail, width),
    remedy(diagnostic.remedy, width),
  ].filter((lines) => lines.length > 0);
  const lines = parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
  const ruled = lines.map((line) => `${paint('│')} ${line}`.trimEnd());
  return [paint('╷'), ...ruled, paint('╵'), ''].join('\n');
}

type Look = { readonly symbol: string; readonly word: string; readonly paint: (text: string) => string };

const LOOKS: Readonly<Record<Severity, (style: Style) => Look>> = {
  error: ({ red }) => ({ symbol: '✗', word: 'Error', paint: red }),
  warning: ({ yellow }) => ({ symbol: '!', word: 'Warning', paint: yellow }),
  notice: ({ blue }) => ({ symbol: 'i', word: 'Notice', paint: blue }),
};

function headline(
  { summary, target, code }: Diagnostic,
  { symbol, word, paint }: Look,
  { bold, dim }: Style,
  width: number,
): readonly string[] {
  const about = target === undefined ? '' : `${target === 'node' ? 'the node' : target}: `;
  const text = `${symbol} ${word}: ${about}${escapeControl(summary)}`;
  const wrapped = wrap(text, width);
  const last = wrapped.at(-1) ?? '';
  const fits = last.length + code.length + 3 <= width;
  const head = wrapped.map((line, index) => (index === 0 ? bold(paint(line)) : bold(line)));
  const coded = dim(`[${escapeControl(code)}]`);
  return fits ? [...head.slice(0, -1), `${head.at(-1) ?? ''}  ${coded}`] : [...head, coded];
}

function place(
  { position }: Diagnostic,
  cwd: string | undefined,
  width: number,
  paint: (text: string) => string,
): readonly string[] {
  if (!position) return [];
  const [line, carets] = sourceLines(position, width - 2);
  const shown = `  ${showPlace(position, cwd)}`;
  return line === undefined || carets === undefined ? [shown] : [shown, `  ${line}`, `  ${paint(carets)}`];
}

function prose(text: string | undefined, width: number): readonly string[] {
  if (text === undefined || text.trim() === '') return [];
  return escapeLines(text).flatMap((line) => wrap(line, width));
}

function remedy(text: string | undefined, width: number): readonly string[] {
  const lines = prose(text, width - 2);
  return lines.map((line, index) => (index === 0 ? `→ ${line}` : `  ${line}`));
}

function countLine(diagnostics: readonly Diagnostic[]): string {
  const counted = (['error', 'warning', 'notice'] as const).flatMap((severity) => {
    const count = diagnostics.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  return counted.join(', ');
}
