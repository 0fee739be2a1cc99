import type { RunEvent } from '../model/event.ts';
import { isProbe, type Operation } from '../model/operation.ts';
import type { Target } from '../model/target.ts';
import { showChange, showLeft } from './change.ts';
import { renderDiagnostic } from './diagnostics.ts';
import { showElapsed } from './elapsed.ts';
import { cleanOutput, escapeControl, escapeLines } from './escape.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { RESULT_LOOKS, showReason } from './result-looks.ts';
import { type Style, styleOf } from './style.ts';

/**
 * Lines that are only ever appended, for logs and pipes: every line names its guest, so that guests
 * that are worked on at the same time can be told apart. Guests with nothing to do say nothing.
 */
export function createPlainReporter(options: ReporterOptions): Reporter {
  const { output } = options;
  const style = styleOf(options.hasColour);
  const titles = new Map<Target, string>();
  return {
    emit: (event) => {
      if (event.event === 'target-start') titles.set(event.target, escapeControl(event.title));
      if (event.event === 'diagnostic') {
        output.write(renderDiagnostic(event.diagnostic, options));
        return;
      }
      const lines = linesOf(event, options, style);
      if (lines.length === 0 || !('target' in event)) return;
      const title = style.dim(`[${titles.get(event.target) ?? event.target}]`);
      output.write(lines.map((line) => `${title} ${line}\n`).join(''));
    },
    hold: () => () => {},
    close: () => {},
  };
}

function linesOf(event: RunEvent, options: ReporterOptions, style: Style): readonly string[] {
  switch (event.event) {
    case 'changes':
      return event.changes.map((change) => `${event.step}: ${showChange(change, style)}`);
    case 'operation-start':
      return startLines(event.operation, event.step, options);
    case 'output':
      return [`  ${style.dim('│')} ${cleanOutput(event.line.text)}`];
    case 'operation-retry':
      return [`  busy: ${escapeControl(event.reason)}; again in ${showElapsed(event.inMs)}`];
    case 'operation-end':
      return endLines(event, options, style);
    case 'target-end': {
      if (event.result === 'unchanged') return [];
      const { symbol, word, paint } = RESULT_LOOKS[event.result](style);
      const why = showReason(event.result, event.reason);
      return [
        ...event.left.map((change) => `left: ${showLeft(change, style)}`),
        `${paint(symbol)} ${word}${why}  ${style.dim(showElapsed(event.elapsedMs))}`,
      ];
    }
    default:
      return [];
  }
}

function startLines(
  operation: Operation,
  step: string,
  { isVerbose, describe }: ReporterOptions,
): readonly string[] {
  if (isVerbose) {
    const [first = '', ...more] = escapeLines(describe(operation));
    const prompt = first.startsWith('#') ? '' : '$ ';
    return [`${step}: ${prompt}${first}`, ...more.map((line) => `    ${line}`)];
  }
  return isProbe(operation) ? [] : [`${step}: ${summaryOf(operation, describe)}`];
}

function endLines(
  event: Extract<RunEvent, { readonly event: 'operation-end' }>,
  { isVerbose }: ReporterOptions,
  style: Style,
): readonly string[] {
  const { operation, outcome, elapsedMs, step } = event;
  const isDone = outcome.kind === 'done';
  if (isDone && !isVerbose) return [];
  const { symbol, paint } =
    RESULT_LOOKS[isDone ? 'changed' : isProbe(operation) ? 'skipped' : 'failed'](style);
  const code = outcome.exitCode === null ? 'no answer' : `exit code ${outcome.exitCode}`;
  if (isProbe(operation) && !isVerbose) return [];
  return [`${step}: ${paint(symbol)} ${code}  ${style.dim(showElapsed(elapsedMs))}`];
}

/** A few words for an operation: its title where it has one, else its command's first line, cut. */
export function summaryOf(operation: Operation, describe: (operation: Operation) => string): string {
  const title = 'title' in operation ? operation.title : undefined;
  return escapeControl(title ?? describe(operation).split('\n', 1)[0] ?? operation.op);
}
