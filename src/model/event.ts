import type { Change } from './change.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { OutputLine } from './node.ts';
import type { Operation } from './operation.ts';
import type { Outcome } from './outcome.ts';
import type { Target } from './target.ts';

/** How a target ended. `left`: done, but something waits for consent or a restart. */
export type TargetResult = 'unchanged' | 'changed' | 'left' | 'failed' | 'skipped' | 'interrupted';

/** What a run says while it goes on. `at` is epoch milliseconds on the node's clock. */
export type RunEvent = { readonly at: number } & (
  | {
      readonly event: 'run-start';
      readonly verb: string;
      readonly node: string;
      readonly targets: readonly Target[];
    }
  | { readonly event: 'target-start'; readonly target: Target; readonly title: string }
  | { readonly event: 'step-start'; readonly target: Target; readonly step: string }
  | {
      readonly event: 'changes';
      readonly target: Target;
      readonly step: string;
      readonly changes: readonly Change[];
    }
  | {
      readonly event: 'operation-start';
      readonly target: Target;
      readonly step: string;
      readonly operation: Operation;
    }
  | { readonly event: 'output'; readonly target: Target; readonly step: string; readonly line: OutputLine }
  | {
      readonly event: 'operation-retry';
      readonly target: Target;
      readonly operation: Operation;
      readonly reason: string;
      readonly inMs: number;
    }
  | {
      readonly event: 'operation-end';
      readonly target: Target;
      readonly step: string;
      readonly operation: Operation;
      readonly outcome: Outcome;
      readonly elapsedMs: number;
    }
  | {
      readonly event: 'step-end';
      readonly target: Target;
      readonly step: string;
      readonly changed: boolean;
      readonly elapsedMs: number;
    }
  | { readonly event: 'diagnostic'; readonly diagnostic: Diagnostic }
  | {
      readonly event: 'target-end';
      readonly target: Target;
      readonly title: string;
      readonly result: TargetResult;
      readonly reason?: string;
      readonly left: readonly Change[];
      readonly elapsedMs: number;
    }
  | { readonly event: 'run-end'; readonly exitCode: number; readonly elapsedMs: number }
);
