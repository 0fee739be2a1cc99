import type { TargetResult } from '../model/event.ts';
import type { RunResult, TargetOutcome } from '../model/plan.ts';
import { isAmong, showChange, showLeft, showUndone } from './change.ts';
import { escapeControl } from './escape.ts';
import type { RenderOptions } from './output.ts';
import { RESULT_LOOKS, showReason } from './result-looks.ts';
import { type Style, styleOf } from './style.ts';
import { pad, widthOf } from './width.ts';

/** Up to so many targets, those where nothing was to do are listed too. */
const MOST_LISTED_UNCHANGED = 12;

/**
 * What a run did, for people: a line per target with its changes below it, what was left and how to
 * have it, what a failure kept from being done, and a line that sums up. Ends with a line end.
 */
export function renderResult({ targets }: RunResult, options: RenderOptions = {}): string {
  const style = styleOf(options.hasColour);
  const listed = targets.filter(
    ({ result }) => result !== 'unchanged' || targets.length <= MOST_LISTED_UNCHANGED,
  );
  const titleWidth = Math.max(0, ...listed.map(({ title }) => widthOf(escapeControl(title))));
  const lines = listed.flatMap((outcome) => targetLines(outcome, titleWidth, style));
  return [...lines, ...(lines.length > 0 ? [''] : []), sumUp(targets, style), ''].join('\n');
}

function targetLines(outcome: TargetOutcome, titleWidth: number, style: Style): readonly string[] {
  const { title, result, reason, changes, left, undone = [] } = outcome;
  const { symbol, word, paint } = RESULT_LOOKS[result](style);
  const why = showReason(result, reason);
  const head = `${paint(symbol)} ${style.bold(pad(escapeControl(title), titleWidth))}  ${word}${why}`;
  const done = changes.filter((change) => !isAmong(change, left) && !isAmong(change, undone));
  return [
    head,
    ...done.map((change) => `    ${showChange(change, style)}`),
    ...left.map((change) => `    ${showLeft(change, style)}`),
    ...undone.filter((change) => !isAmong(change, left)).map((change) => `    ${showUndone(change, style)}`),
    ...passedChecks(outcome).map((name) => `    ${style.green('✓')} ${name}`),
  ];
}

/** Checks that are known to have passed: those of a target and a step that went well and did nothing else. */
function passedChecks({ result, checks, operations }: TargetOutcome): readonly string[] {
  if (result === 'failed' || result === 'interrupted') return [];
  const working = new Set(operations.map(({ step }) => step));
  return checks.flatMap(({ step, title }) =>
    title === undefined || working.has(step) ? [] : [escapeControl(title)],
  );
}

function sumUp(targets: readonly TargetOutcome[], style: Style): string {
  const parts = (Object.keys(RESULT_LOOKS) as TargetResult[]).flatMap((result) => {
    const count = targets.filter((outcome) => outcome.result === result).length;
    if (count === 0) return [];
    const { word, paint } = RESULT_LOOKS[result](style);
    return [paint(`${count} ${word}`)];
  });
  return parts.length === 0 ? 'Nothing was done.' : `${parts.join(', ')}.`;
}
