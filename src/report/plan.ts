import type { RunResult, TargetOutcome } from '../model/plan.ts';
import { isAmong, showChange, showLeft } from './change.ts';
import { escapeControl, escapeLines } from './escape.ts';
import type { Describe, RenderOptions } from './output.ts';
import { type Style, styleOf } from './style.ts';

export type PlanOptions = RenderOptions & { readonly describe: Describe };

/**
 * A plan for people: per guest what would change with its effect, the exact operations, what will be
 * checked, what is taken for granted, and what is left and why; then one line that sums up.
 * Diagnostics are not part of it: they go to stderr as they come. Ends with a line end.
 */
export function renderPlan({ targets }: RunResult, options: PlanOptions): string {
  const style = styleOf(options.hasColour);
  const told = targets.filter((outcome) => isWorthTelling(outcome, targets.length));
  const blocks = told.map((outcome) => `${guestBlock(outcome, options.describe, style).join('\n')}\n`);
  return [...blocks, `${sumUp(targets, style)}\n`].join('\n');
}

/** Up to so many targets, those that will only be checked are listed too. */
const MOST_LISTED_CHECKED = 12;

function isWorthTelling({ result, changes, operations, checks }: TargetOutcome, total: number): boolean {
  if (changes.length > 0 || operations.length > 0) return true;
  return result !== 'unchanged' || (checks.length > 0 && total <= MOST_LISTED_CHECKED);
}

function guestBlock(outcome: TargetOutcome, describe: Describe, style: Style): readonly string[] {
  const { title, result, reason, left, operations, checks } = outcome;
  const changes = outcome.changes.filter((change) => !isAmong(change, left));
  const stopped = result === 'failed' || result === 'skipped';
  return [
    style.bold(escapeControl(title)),
    ...changes.map((change) => `  ${showChange(change, style)}`),
    ...section(
      'Operations',
      operations.flatMap((operation) => commandLines(describe(operation))),
    ),
    ...section(
      'Will check',
      checks.map((check) => escapeControl(check.title ?? describe(check))),
    ),
    ...section(
      'Left',
      left.map((change) => showLeft(change, style)),
    ),
    ...(stopped ? [`  ${stoppedLine(result, reason, style)}`] : []),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`  ${title}:`, ...lines.map((line) => `    ${line}`)];
}

function commandLines(text: string): readonly string[] {
  return escapeLines(text.replace(/\n$/u, ''));
}

function stoppedLine(result: 'failed' | 'skipped', reason: string | undefined, style: Style): string {
  const why = escapeControl(reason ?? 'see above');
  return result === 'failed' ? style.red(`✗ would fail: ${why}`) : style.yellow(`- skipped because ${why}`);
}

function sumUp(targets: readonly TargetOutcome[], style: Style): string {
  const changed = targets.filter(({ operations }) => operations.length > 0).length;
  const left = targets.filter((outcome) => outcome.left.length > 0).length;
  const failed = targets.filter(({ result }) => result === 'failed').length;
  const skipped = targets.filter(({ result }) => result === 'skipped').length;
  const noun = targets.some(({ target }) => target === 'node') ? 'target' : 'guest';
  const operations = targets.reduce((sum, outcome) => sum + outcome.operations.length, 0);
  if (changed + left + failed + skipped === 0) {
    return style.green(`✓ Nothing to do: ${count(targets.length, noun)} as described.`);
  }
  const unchanged = targets.filter(({ result }) => result === 'unchanged').length;
  const parts = [
    `${count(changed, noun)} to change (${count(operations, 'operation')})`,
    ...(left > 0 ? [`${left} with something left`] : []),
    ...(failed > 0 ? [`${failed} failing`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
  ];
  return style.bold(`Plan: ${parts.join(', ')}.`);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
