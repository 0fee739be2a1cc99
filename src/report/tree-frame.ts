import type { RunEvent } from '../model/event.ts';
import { showElapsed } from './elapsed.ts';
import { cleanOutput, escapeControl } from './escape.ts';
import type { Describe } from './output.ts';
import { summaryOf } from './plain.ts';
import { RESULT_LOOKS } from './result-looks.ts';
import type { Style } from './style.ts';
import { isWorthShowing, type Branch, type Tree, type Twig } from './tree.ts';
import { cut, pad, widthOf } from './width.ts';

export type FrameOptions = {
  readonly columns: number;
  /** Lines that a frame may have. */
  readonly rows: number;
  readonly style: Style;
  readonly describe: Describe;
  readonly now: number;
};

/** The part of a live view that is redrawn: the guests being worked on, and how many are done. */
export function treeFrame(tree: Tree, options: FrameOptions): string {
  const branches = [...tree.running.values()];
  if (branches.length === 0) return '';
  const room = Math.max(1, options.rows - 2);
  const full = branches.length * 2 <= room ? branches.flatMap((branch) => fullBranch(branch, options)) : [];
  const isFullShown = full.length > 0 && full.length <= room;
  const shown = isFullShown ? full : compact(branches, room, options);
  return [...shown, footer(tree, options.style)].join('\n');
}

/** The lines that stay for a target that ended: its title, and the steps that changed something. */
export function endedLines(
  branch: Branch,
  event: Extract<RunEvent, { readonly event: 'target-end' }>,
  options: Omit<FrameOptions, 'now' | 'rows'>,
): readonly string[] {
  if (event.result === 'unchanged') return [];
  const { style } = options;
  const { symbol, word, paint } = RESULT_LOOKS[event.result](style);
  const title = `${symbol} ${escapeControl(branch.title)}  ${word}`;
  const changed = branch.steps.filter(isWorthShowing);
  return [
    timed(title, showElapsed(event.elapsedMs), options, paint),
    ...changed.map((twig) => stepLine(twig, options)),
  ];
}

function fullBranch(branch: Branch, options: FrameOptions): readonly string[] {
  const { style, now } = options;
  return [
    timed(`  ${escapeControl(branch.title)}`, showElapsed(now - branch.since), options, style.bold),
    ...branch.steps
      .filter(isWorthShowing)
      .flatMap((twig) => (twig.end ? [stepLine(twig, options)] : runningStep(branch, twig, options))),
  ];
}

function runningStep(branch: Branch, twig: Twig, options: FrameOptions): readonly string[] {
  const { style, columns, now } = options;
  const spinner = SPINNER[Math.floor(now / 100) % SPINNER.length] ?? '';
  const head = timed(
    `    ${spinner} ${twig.name}${doing(branch, options)}`,
    showElapsed(now - twig.since),
    options,
    style.cyan,
  );
  const said = branch.waiting === undefined ? branch.lastLine : `waits: ${branch.waiting}`;
  if (said === undefined) return [head];
  return [head, style.dim(cut(`      │ ${cleanOutput(said)}`, columns - 1))];
}

function doing({ operation }: Branch, { describe }: FrameOptions): string {
  return operation ? `  ${summaryOf(operation, describe)}` : '';
}

function stepLine({ name, end }: Twig, options: Omit<FrameOptions, 'now' | 'rows'>): string {
  const symbol = end ? '✓' : '✗';
  const elapsed = end ? showElapsed(end.elapsedMs) : '';
  return timed(`    ${symbol} ${name}`, elapsed, options, end ? options.style.green : options.style.red);
}

function compact(branches: readonly Branch[], room: number, options: FrameOptions): readonly string[] {
  const shown = branches.length > room ? branches.slice(0, Math.max(0, room - 1)) : branches;
  const lines = shown.map((branch) => {
    const step = branch.steps.at(-1)?.name ?? '';
    const text = `  ${escapeControl(branch.title)}  ${step}${doing(branch, options)}`;
    return timed(text, showElapsed(options.now - branch.since), options, (same) => same);
  });
  const more = branches.length - shown.length;
  return more > 0 ? [...lines, options.style.dim(`  and ${more} more`)] : lines;
}

function footer({ total, ended }: Tree, style: Style): string {
  const done = [...ended.values()].reduce((sum, count) => sum + count, 0);
  const failed = ended.get('failed') ?? 0;
  return style.dim(`${done} of ${total} done${failed > 0 ? `, ${failed} failed` : ''}`);
}

/** A text cut so that a duration fits at the right edge; never wider than 80. */
function timed(
  text: string,
  elapsed: string,
  { columns }: Pick<FrameOptions, 'columns'>,
  paint: (text: string) => string,
): string {
  const width = Math.max(20, Math.min(80, columns - 1));
  const room = width - widthOf(elapsed) - 2;
  return `${paint(pad(cut(text, room), room))}  ${elapsed}`.trimEnd();
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
