import type { Change } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { TargetResult } from '../model/event.ts';
import type { Observation } from '../model/observation.ts';
import type { TargetOutcome } from '../model/plan.ts';
import type { RunTarget } from '../model/run.ts';
import type { Context, Progress } from './context.ts';
import { couldNotTakeBack, tookBack } from './failure.ts';
import { observeAfterDependencies, observeAgain } from './observe.ts';
import { runStep } from './run-step.ts';
import { diagnosticsOf, Interrupted } from './trouble.ts';

/** How a target starts: from which view, and whether the run changed what it depends on. */
export type Start = { readonly view: Observation; readonly isStale: boolean };

/** Takes one target through its manager's steps. Never throws: what goes wrong is its result. */
export async function runTarget(context: Context, run: RunTarget, start: Start): Promise<TargetOutcome> {
  const { request, say } = context;
  const startedAt = request.node.now();
  const progress = newProgress(run, start.view);
  say({ event: 'target-start', target: run.target, title: run.title });
  try {
    if (start.isStale) await observeAfterDependencies(context, progress);
    await runSteps(context, progress);
    return end(context, progress, startedAt, { result: resultOf(progress) });
  } catch (error) {
    if (error instanceof Interrupted) {
      return end(context, progress, startedAt, { result: 'interrupted' });
    }
    const found = [...diagnosticsOf(error, run.title, run.target), ...(await takenBack(context, progress))];
    for (const diagnostic of found) {
      progress.diagnostics.set(`error ${progress.diagnostics.size}`, diagnostic);
      say({ event: 'diagnostic', diagnostic });
    }
    return end(context, progress, startedAt, { result: 'failed', ...because(found) });
  }
}

/**
 * After a failure: lets the manager take back what was done, and says whether that went well. Only a
 * new observation tells what there is to take back.
 */
async function takenBack(context: Context, progress: Progress): Promise<readonly Diagnostic[]> {
  const { takeBack } = progress.run.manager;
  if (!takeBack) return [];
  const { agreed: _, ...request } = context.request;
  const before = progress.operations.length;
  progress.steps = [takeBack];
  try {
    await observeAgain(context, progress, { operations: [], hasFailed: true });
    await runStep({ ...context, request }, progress, takeBack);
  } catch (error) {
    if (error instanceof Interrupted) return [];
    return [couldNotTakeBack(progress.run), ...diagnosticsOf(error, progress.run.title, progress.run.target)];
  }
  if (progress.operations.length === before) return [];
  for (const key of progress.carried) {
    if (!key.startsWith(`${takeBack.name} `)) progress.carried.delete(key);
  }
  return [tookBack(progress.run)];
}

/** The outcome of a target that was never started. */
export function notStarted(
  { say }: Context,
  { target, title }: RunTarget,
  end: { readonly result: 'skipped' | 'interrupted' | 'failed'; readonly reason: string },
  diagnostics: readonly Diagnostic[] = [],
): TargetOutcome {
  for (const diagnostic of diagnostics) say({ event: 'diagnostic', diagnostic });
  say({ event: 'target-end', target, title, ...end, left: NONE, elapsedMs: 0 });
  return { target, title, ...end, changes: NONE, operations: NONE, checks: NONE, left: NONE, diagnostics };
}

const NONE: readonly never[] = [];

function newProgress(run: RunTarget, view: Observation): Progress {
  return {
    run,
    steps: run.manager.steps,
    view,
    answers: new Map(),
    waited: new Set(),
    changes: new Map(),
    carried: new Set(),
    operations: [],
    checks: new Map(),
    left: [],
    diagnostics: new Map(),
  };
}

async function runSteps(context: Context, progress: Progress): Promise<void> {
  const { target, manager } = progress.run;
  const { node } = context.request;
  for (const [index, step] of manager.steps.entries()) {
    progress.steps = manager.steps.slice(index);
    const startedAt = node.now();
    const before = progress.operations.length;
    context.say({ event: 'step-start', target, step: step.name });
    const isFinished = await runStep(context, progress, step);
    context.say({
      event: 'step-end',
      target,
      step: step.name,
      changed: progress.operations.length > before,
      elapsedMs: Math.max(0, node.now() - startedAt),
    });
    if (isFinished) return;
  }
}

function resultOf({ left, operations }: Progress): TargetResult {
  if (left.length > 0) return 'left';
  return operations.length > 0 ? 'changed' : 'unchanged';
}

function because(found: readonly Diagnostic[]): { readonly reason?: string } {
  const first = found[0];
  return first ? { reason: first.summary } : {};
}

function end(
  { request, say }: Context,
  progress: Progress,
  startedAt: number,
  how: { readonly result: TargetResult; readonly reason?: string },
): TargetOutcome {
  const { target, title } = progress.run;
  const elapsedMs = Math.max(0, request.node.now() - startedAt);
  say({ event: 'target-end', target, title, ...how, left: progress.left, elapsedMs });
  return {
    target,
    title,
    ...how,
    changes: [...progress.changes.values()],
    operations: progress.operations,
    checks: [...progress.checks.values()],
    left: progress.left,
    ...(how.result === 'failed' || how.result === 'interrupted' ? { undone: undoneIn(progress) } : {}),
    diagnostics: [...progress.diagnostics.values()],
  };
}

function undoneIn({ changes, carried }: Progress): readonly Change[] {
  return [...changes].flatMap(([key, change]) => (carried.has(key) ? [] : [change]));
}
