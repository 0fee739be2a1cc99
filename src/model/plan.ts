import type { Change } from './change.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { TargetResult } from './event.ts';
import type { CheckOperation, Operation } from './operation.ts';
import type { Target } from './target.ts';

/** What a run did (or, on a twin, would do) to one target. */
export type TargetOutcome = {
  readonly target: Target;
  readonly title: string;
  readonly result: TargetResult;
  readonly reason?: string;
  readonly changes: readonly Change[];
  /** Operations in order as the steps asked for them: fills unfilled, no retries, waits or probes. */
  readonly operations: readonly Operation[];
  readonly checks: readonly CheckOperation[];
  readonly left: readonly Change[];
  /** Of a target that failed or was interrupted: the changes that nothing is known to have carried out. */
  readonly undone?: readonly Change[];
  readonly diagnostics: readonly Diagnostic[];
};

/** The result of a whole run. A plan is the result of a run on a twin. */
export type RunResult = {
  readonly exitCode: number;
  readonly targets: readonly TargetOutcome[];
  /** What concerns the run as a whole: a lock held by another, a node that can't be read. */
  readonly diagnostics: readonly Diagnostic[];
};
