import type { Change } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { isProbe, operationText, type Operation } from '../model/operation.ts';
import { probeKey } from '../model/probe-key.ts';
import type { Step, StepAnswer } from '../model/step.ts';
import type { Context, Progress } from './context.ts';
import { execute } from './execute.ts';
import {
  didNotHold,
  doesNotSettle,
  doneAfterAll,
  type Failure,
  failureOf,
  isDone,
  isStillWanted,
  notAgreed,
} from './failure.ts';
import { observeAgain } from './observe.ts';
import { Interrupted, Trouble } from './trouble.ts';

/** How many passes of a step may run operations, and how often it may be asked before it is a bug. */
const MOST_PASSES = 3;
const MOST_QUESTIONS = 100;

/**
 * The loop of a step: ask, answer its probes, ask, run its operations, observe, ask again, until it
 * wants nothing more that it can have. Returns true where nothing of the later steps applies.
 */
export async function runStep(context: Context, progress: Progress, step: Step<never>): Promise<boolean> {
  const carried = new Map<string, Change>();
  let failure: Failure | undefined;
  let passes = 0;
  for (let round = 0; round < MOST_QUESTIONS; round += 1) {
    const answer = await settle(context, progress, step, failure);
    if (failure) {
      if (isStillWanted(failure, answer)) throw new Trouble(failureOf(failure));
      report(context, progress, doneAfterAll(failure));
      noteCarried(progress, failure.operation);
      failure = undefined;
    }
    noteChanges(context, progress, step.name, answer.changes);
    const operations = unfinished(progress, answer.operations);
    if (operations.length === 0) {
      progress.left.push(...answer.changes);
      return answer.finished === true;
    }
    refuseRepetition(carried, answer.changes, operations);
    if (!operations.every(isProbe)) passes += 1;
    if (passes > MOST_PASSES) throw new Trouble(doesNotSettle(step.name, MOST_PASSES, answer));
    failure = await runPass(context, progress, { answer, operations, carried });
    if (operations.some(showsInObservation)) {
      await observeAgain(context, progress, { operations, hasFailed: failure !== undefined });
    }
  }
  throw new Error(`${step.name} asks without end`);
}

/** Asks until every probe that the step wants has an answer. Throws what the step finds wrong. */
async function settle(
  context: Context,
  progress: Progress,
  step: Step<never>,
  failure: Failure | undefined,
): Promise<StepAnswer> {
  for (let round = 0; round < MOST_QUESTIONS; round += 1) {
    if (context.request.signal?.aborted) throw new Interrupted();
    const answer = ask(context, progress, step);
    const errors = answer.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      reportAll(context, progress, warningsOf(answer));
      throw new Trouble(...(failure ? [failureOf(failure)] : []), ...errors);
    }
    const open = answer.probes.filter((probe) => !progress.answers.has(probeKey(probe)));
    if (open.length === 0) {
      reportAll(context, progress, warningsOf(answer));
      return answer;
    }
    for (const probe of open) {
      const key = probeKey(probe);
      progress.checks.set(key, probe);
      progress.answers.set(key, await execute(context, probe, progress.view));
    }
  }
  throw new Error(`${step.name} has questions without end`);
}

function ask({ request }: Context, progress: Progress, step: Step<never>): StepAnswer {
  const { target, desired } = progress.run;
  const guest = target === 'node' ? undefined : progress.view.guests.get(target);
  return step.plan({
    desired: desired as never,
    observed: {
      node: progress.view,
      answers: progress.answers,
      done: progress.operations,
      ...(guest && { guest }),
    },
    folder: request.folder,
    consent: request.consent,
    purpose: request.purpose,
  });
}

type Pass = {
  readonly answer: StepAnswer;
  readonly operations: readonly Operation[];
  readonly carried: Map<string, Change>;
};

/** Runs operations in order up to the first that fails. A wait that fails ends the target. */
async function runPass(
  context: Context,
  progress: Progress,
  { answer, operations, carried }: Pass,
): Promise<Failure | undefined> {
  const changes = new Map(answer.changes.map((change) => [change.attribute, change]));
  const { view } = progress;
  for (const operation of operations) {
    if (context.request.signal?.aborted) throw new Interrupted();
    if (operation.op === 'check') progress.checks.set(probeKey(operation), operation);
    if (!isProbe(operation)) {
      refuseUnagreed(context, progress, operation);
      progress.operations.push(operation);
      progress.answers = new Map();
      progress.waited = new Set();
    }
    const outcome = await execute(context, operation, view);
    if (operation.op === 'check') progress.answers.set(probeKey(operation), outcome);
    if (!isDone(operation, outcome)) {
      if (!isProbe(operation)) forgetCarried(progress, operation);
      if (operation.op === 'wait') throw new Trouble(failureOf({ operation, outcome }));
      return { operation, outcome };
    }
    // Done, but not without a complaint.
    if (outcome.diagnostic) report(context, progress, outcome.diagnostic);
    if (operation.op === 'wait') progress.waited.add(JSON.stringify(operation));
    noteCarried(progress, operation);
    for (const attribute of operation.changes) {
      const change = changes.get(attribute);
      if (change) carried.set(attribute, change);
    }
  }
  return undefined;
}

/** What was agreed on beforehand is done in its order, and nothing else. */
function refuseUnagreed({ request }: Context, { run, operations }: Progress, operation: Operation): void {
  const agreed = request.agreed?.get(run.target) ?? [];
  if (!request.agreed || agreed[operations.length] === operationText(operation)) return;
  throw new Trouble(notAgreed(operation, operations.length, agreed.length));
}

/** Where only probes are left, those that already had a good answer need not be asked again. */
function unfinished({ answers, waited }: Progress, operations: readonly Operation[]): readonly Operation[] {
  if (!operations.every(isProbe)) return operations;
  return operations.filter((probe) => {
    if (probe.op === 'wait') return !waited.has(JSON.stringify(probe));
    const answer = answers.get(probeKey(probe));
    return !answer || !isDone(probe, answer);
  });
}

function refuseRepetition(
  carried: ReadonlyMap<string, Change>,
  changes: readonly Change[],
  operations: readonly Operation[],
): void {
  const attributes = new Set(operations.flatMap((operation) => operation.changes));
  const repeated = changes.flatMap((change) => {
    const first = carried.get(change.attribute);
    return first && attributes.has(change.attribute) ? [didNotHold(first, change)] : [];
  });
  if (repeated.length > 0) throw new Trouble(...repeated);
}

/** Readiness inside a guest is in no observation; that it runs, its agent lets one look, or a task ended is. */
function showsInObservation(operation: Operation): boolean {
  if (!isProbe(operation)) return true;
  return operation.op === 'wait' && ['running', 'stopped', 'agent', 'task'].includes(operation.for);
}

function noteChanges(
  { say }: Context,
  { run, changes, carried }: Progress,
  step: string,
  asked: readonly Change[],
): void {
  for (const { attribute } of asked) carried.delete(changeKey(step, attribute));
  const fresh = asked.filter(({ attribute }) => !changes.has(changeKey(step, attribute)));
  for (const change of fresh) changes.set(changeKey(step, change.attribute), change);
  if (fresh.length > 0) say({ event: 'changes', target: run.target, step, changes: fresh });
}

function noteCarried({ carried }: Progress, { step, changes }: Operation): void {
  for (const attribute of changes) carried.add(changeKey(step, attribute));
}

/* What several operations carry out together is not done where one of them failed. */
function forgetCarried({ carried }: Progress, { step, changes }: Operation): void {
  for (const attribute of changes) carried.delete(changeKey(step, attribute));
}

function changeKey(step: string, attribute: string): string {
  return `${step} ${attribute}`;
}

function warningsOf({ diagnostics }: StepAnswer): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity !== 'error');
}

function reportAll(context: Context, progress: Progress, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) report(context, progress, diagnostic);
}

/** Adds a diagnostic to the target's, once. */
function report({ say }: Context, { run, diagnostics }: Progress, found: Diagnostic): void {
  const diagnostic = { target: run.target, ...found };
  const key = JSON.stringify([diagnostic.code, diagnostic.summary, diagnostic.detail]);
  if (diagnostics.has(key)) return;
  diagnostics.set(key, diagnostic);
  say({ event: 'diagnostic', diagnostic });
}
