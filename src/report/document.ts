import type { Operation } from '../model/operation.ts';
import type { RunResult, TargetOutcome } from '../model/plan.ts';
import type { Describe } from './output.ts';

/**
 * The one JSON document of a result, plain data: every operation with its `command` as text for
 * people. Secrets stand as references.
 */
export function resultDocument({ exitCode, targets, diagnostics }: RunResult, describe: Describe): unknown {
  return { exitCode, targets: targets.map((outcome) => targetDocument(outcome, describe)), diagnostics };
}

/** An operation as plain data together with its text for people. */
export function operationDocument(
  operation: Operation,
  describe: Describe,
): Readonly<Record<string, unknown>> {
  return { ...operation, command: describe(operation) };
}

function targetDocument(outcome: TargetOutcome, describe: Describe): unknown {
  return {
    ...outcome,
    operations: outcome.operations.map((operation) => operationDocument(operation, describe)),
    checks: outcome.checks.map((check) => operationDocument(check, describe)),
  };
}
