import type { Change, Effect } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { operationText, type Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RunTarget } from '../model/run.ts';
import type { StepAnswer } from '../model/step.ts';

/** An operation that said no, or gave no answer. */
export type Failure = { readonly operation: Operation; readonly outcome: Outcome };

/** Did it do what it was asked? A script or check must say so with exit code 0, too. */
export function isDone(operation: Operation, { kind, exitCode }: Outcome): boolean {
  if (kind !== 'done') return false;
  const isJudgedByCode = operation.op === 'exec' || operation.op === 'check';
  return !isJudgedByCode || exitCode === null || exitCode === 0;
}

/**
 * After the node was observed again: is what the failed operation was to do still to be done, whether
 * the step asks for it or now needs consent for it? What only waits for a restart is done.
 */
export function isStillWanted({ operation }: Failure, { changes, operations }: StepAnswer): boolean {
  const attributes = new Set([
    ...changes.flatMap(({ attribute, effect }) => (WAITS.has(effect) ? [] : [attribute])),
    ...operations.flatMap((other) => other.changes),
  ]);
  if (operation.changes.some((attribute) => attributes.has(attribute))) return true;
  const text = operationText(operation);
  return operations.some((other) => operationText(other) === text);
}

const WAITS: ReadonlySet<Effect> = new Set(['restart', 'reboot']);

/** What a failed operation says: the known message with its remedy, or its last lines. */
export function failureOf({ operation, outcome }: Failure): Diagnostic {
  const { target } = operation;
  if (outcome.diagnostic) return { target, ...outcome.diagnostic, severity: 'error' };
  return {
    code: outcome.kind === 'lost' ? 'engine/no-answer' : 'engine/operation-failed',
    severity: 'error',
    summary: outcome.kind === 'lost' ? 'An operation gave no answer' : 'An operation failed',
    detail: [`${nameOf(operation)}: ${howItEnded(outcome)}`, ...lastLines(outcome)].join('\n'),
    remedy: 'Mend what it says, then run the same command again: it goes on from here.',
    target,
  };
}

/** A failed operation whose effect is nevertheless there. */
export function doneAfterAll({ operation, outcome }: Failure): Diagnostic {
  return {
    code: 'engine/failed-but-done',
    severity: 'warning',
    summary: 'An operation said that it failed, but what it was to do is done',
    detail: [`${nameOf(operation)}: ${howItEnded(outcome)}`, ...lastLines(outcome)].join('\n'),
    target: operation.target,
  };
}

/** A change that an operation carried out and that the node does not show. */
export function didNotHold(first: Change, again: Change): Diagnostic {
  return {
    code: 'engine/change-did-not-hold',
    severity: 'error',
    summary: 'A change was made and is not there',
    detail:
      `${again.attribute}: asked from ${show(first.before)} to ${show(first.after)}; ` +
      `afterwards the node shows ${show(again.before)} and ${show(again.after)} is asked for again.`,
    remedy:
      'Something else may be changing the guest, or Proxmox ignores the value. Look at it with\n' +
      `  phoenix plan ${again.target}`,
    target: again.target,
  };
}

/** An operation that is not the next of those that were agreed on; it was not started. */
export function notAgreed(operation: Operation, done: number, agreed: number): Diagnostic {
  return {
    code: 'engine/not-agreed',
    severity: 'error',
    summary: 'Something changed since the plan was made, and another operation would be next',
    detail: `${nameOf(operation)} is not what the plan says after ${done} of ${agreed} operations. It was not started.`,
    remedy: `Look at what is to be done now, and agree to that:\n  phoenix plan ${operation.target}`,
    target: operation.target,
  };
}

/** What was done to a target before it failed was taken back. */
export function tookBack({ target, title }: RunTarget): Diagnostic {
  return {
    code: 'engine/taken-back',
    severity: 'warning',
    summary: 'What was done was taken back',
    detail: `${title} is as it was before this run.`,
    remedy: `Mend what went wrong, then try again:\n  phoenix converge ${target}`,
    target,
  };
}

/** It was meant to be taken back, and that went wrong too. */
export function couldNotTakeBack({ target, title }: RunTarget): Diagnostic {
  return {
    code: 'engine/not-taken-back',
    severity: 'error',
    summary: 'What was done could not be taken back',
    detail: `${title} may be half-way between what it was and what it should be. Its snapshot is kept.`,
    remedy: `Take it back by hand:\n  phoenix rollback ${target}`,
    target,
  };
}

/** A step that keeps on asking. */
export function doesNotSettle(step: string, passes: number, { changes }: StepAnswer): Diagnostic {
  return {
    code: 'engine/does-not-settle',
    severity: 'error',
    summary: 'A step still asks for changes after several passes',
    detail: `${step}, after ${passes} passes: ${changes.map(({ attribute }) => attribute).join(', ')}`,
    remedy: 'Run the same command again. If it says this once more, it is a bug in Phoenix: report it.',
  };
}

function nameOf(operation: Operation): string {
  switch (operation.op) {
    case 'pve':
      return operation.vmid === undefined ? operation.call : `${operation.call} ${operation.vmid}`;
    case 'edit':
    case 'write':
      return `${operation.op} ${operation.path}`;
    case 'wait':
      return `wait until ${operation.for}`;
    default:
      return operation.title ?? operation.op;
  }
}

function howItEnded({ kind, exitCode }: Outcome): string {
  if (kind === 'lost') return 'no answer came, so it may have happened';
  if (kind === 'busy') return 'the node stayed busy';
  return exitCode === null ? 'ended without an exit code' : `exit code ${exitCode}`;
}

function lastLines({ stdout, stderr }: Outcome): readonly string[] {
  const text = stderr.trim() === '' ? stdout : stderr;
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-8);
}

function show(value: string | undefined): string {
  return value === undefined ? 'nothing' : `"${value}"`;
}
