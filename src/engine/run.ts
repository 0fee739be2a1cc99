import type { Diagnostic } from '../model/diagnostic.ts';
import type { Lock } from '../model/node.ts';
import type { Observation } from '../model/observation.ts';
import type { RunResult, TargetOutcome } from '../model/plan.ts';
import type { RunRequest, RunTarget } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import type { Context } from './context.ts';
import { exitCodeOf, EXIT } from './exit-code.ts';
import { createGates } from './gates.ts';
import { createJournal } from './journal.ts';
import { lockedBy, lockNotTaken } from './locked.ts';
import { observeFirst } from './observe.ts';
import { notStarted, runTarget } from './run-target.ts';
import { schedule } from './schedule.ts';
import { diagnosticsOf, Interrupted } from './trouble.ts';

/**
 * Makes a node match what the targets' managers desire: observes it once, takes every target through
 * its manager's steps, in parallel along `after` and within the gates, and says what became of each.
 * On a twin that is a plan. A failure stays with its target and those that come after it. Never
 * throws for what a node, a step or an interrupt does: all of it is in the result and in the events.
 */
export async function run(request: RunRequest): Promise<RunResult> {
  const { node } = request;
  const startedAt = node.now();
  const result = await runLocked(request);
  request.emit({
    at: node.now(),
    event: 'run-end',
    exitCode: result.exitCode,
    elapsedMs: Math.max(0, node.now() - startedAt),
  });
  return result;
}

async function runLocked(request: RunRequest): Promise<RunResult> {
  const { node, isJournaled } = request;
  if (!isJournaled) return runTargets(request);
  let lock: Lock;
  try {
    lock = await node.lock(purposeOf(request));
  } catch (error) {
    return abandoned(request, EXIT.unreachable, [lockNotTaken(node.title, error)]);
  }
  if (!lock.acquired) return abandoned(request, EXIT.failed, [lockedBy(lock.holder, node.now())]);
  try {
    return await runTargets(request);
  } finally {
    // A lock that stays behind gives way by itself once its process is gone.
    await lock.release().catch(() => {});
  }
}

async function runTargets(asked: RunRequest): Promise<RunResult> {
  const { node, emit } = asked;
  let view: Observation;
  try {
    view = await observeFirst(asked);
  } catch (error) {
    if (error instanceof Interrupted) return abandoned(asked, EXIT.interrupted, [INTERRUPTED]);
    return abandoned(asked, EXIT.unreachable, diagnosticsOf(error, 'the first observation'));
  }
  const targets = asked.targets.filter(({ isWanted }) => isWanted === undefined || isWanted(view));
  const request: RunRequest = { ...asked, targets };
  sayStart(request);
  const diagnostics: Diagnostic[] = [...view.diagnostics];
  for (const diagnostic of diagnostics) emit({ at: node.now(), event: 'diagnostic', diagnostic });

  const context: Context = {
    request,
    gates: createGates(request.dialect.gateWidth),
    journal: createJournal(request, newRunName(request), purposeOf(request)),
    say: (event) => emit({ at: node.now(), ...event }),
    touched: new Set(),
  };
  const outcomes = await runAll(context, view);
  const results = targets.flatMap(({ target }) => outcomes.get(target) ?? []);
  if (results.some(({ result }) => result === 'interrupted')) {
    diagnostics.push(INTERRUPTED);
    context.say({ event: 'diagnostic', diagnostic: INTERRUPTED });
  }
  const exitCode = exitCodeOf(results);
  try {
    await context.journal.finish(exitCode, view.openEntries, (target) => isCompleted(outcomes.get(target)));
  } catch (error) {
    const found = diagnosticsOf(error, 'the journal');
    for (const diagnostic of found) context.say({ event: 'diagnostic', diagnostic });
    return { exitCode: exitCode || EXIT.failed, targets: results, diagnostics: [...diagnostics, ...found] };
  }
  return { exitCode, targets: results, diagnostics };
}

async function runAll(context: Context, view: Observation): Promise<ReadonlyMap<Target, TargetOutcome>> {
  const { targets, signal } = context.request;
  const { touched } = context;
  const outcomes = new Map<Target, TargetOutcome>();
  const titles = new Map(targets.map(({ target, title }) => [target, title]));

  const start = async (item: RunTarget): Promise<void> => {
    const { target, after } = item;
    const broken = after.find((before) => outcomes.has(before) && !isCompleted(outcomes.get(before)));
    const isStale = after.some((before) => touched.has(before));
    const outcome = signal?.aborted
      ? notStarted(context, item, { result: 'interrupted', reason: 'not started' })
      : broken === undefined
        ? await runTarget(context, item, { view, isStale })
        : notStarted(context, item, { result: 'skipped', reason: skippedBecause(broken) });
    outcomes.set(target, outcome);
    if (isStale) touched.add(target);
  };
  const skippedBecause = (broken: Target): string => {
    const verb = { skipped: 'was skipped', interrupted: 'was interrupted' } as const;
    const result = outcomes.get(broken)?.result;
    return `${titles.get(broken)} ${result === 'skipped' || result === 'interrupted' ? verb[result] : 'failed'}`;
  };

  for (const item of await schedule(targets, start)) {
    const how = { result: 'failed', reason: 'its dependencies form a circle' } as const;
    outcomes.set(item.target, notStarted(context, item, how, [inCircle(item)]));
  }
  return outcomes;
}

function isCompleted(outcome: TargetOutcome | undefined): boolean {
  return outcome !== undefined && ['unchanged', 'changed', 'left'].includes(outcome.result);
}

function abandoned(request: RunRequest, exitCode: number, diagnostics: readonly Diagnostic[]): RunResult {
  const { node, emit } = request;
  sayStart(request);
  for (const diagnostic of diagnostics) emit({ at: node.now(), event: 'diagnostic', diagnostic });
  return { exitCode, targets: [], diagnostics };
}

function sayStart({ node, purpose, targets, emit }: RunRequest): void {
  const ids = targets.map(({ target }) => target);
  emit({ at: node.now(), event: 'run-start', verb: purpose.verb, node: node.title, targets: ids });
}

/** Sorts by time and is unlikely to be met twice. */
function newRunName({ node, random }: RunRequest): string {
  const salt = Math.floor(random() * 0x10000);
  return `${node.now()}-${salt.toString(16).padStart(4, '0')}`;
}

function purposeOf({ purpose, targets }: RunRequest): string {
  const shown = targets.slice(0, 5).map(({ title }) => title);
  const more = targets.length > shown.length ? [`and ${targets.length - shown.length} more`] : [];
  return [purpose.verb, [...shown, ...more].join(', ')].join(' ').trim();
}

const INTERRUPTED: Diagnostic = {
  code: 'engine/interrupted',
  severity: 'notice',
  summary: 'Interrupted: what was running has ended, nothing new was started',
  remedy: 'Run the same command again: it goes on from here.',
};

function inCircle({ target, after }: RunTarget): Diagnostic {
  return {
    code: 'engine/circular-dependency',
    severity: 'error',
    summary: 'Dependencies form a circle',
    detail: `${target} comes after ${after.join(', ')}, and something of that comes after ${target}.`,
    remedy: 'Take one of the dependencies out of the configuration.',
    target,
  };
}
