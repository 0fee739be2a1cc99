import type { Operation } from './operation.ts';
import type { OutcomeKind } from './outcome.ts';
import type { Target } from './target.ts';

/**
 * One line of a run's journal (`/var/lib/phoenix/journal/<run>.ndjson` on the node).
 * `begin` is written before an operation starts, `end` after; secrets stand as references.
 */
export type JournalEntry =
  | { readonly at: number; readonly run: string; readonly entry: 'run'; readonly purpose: string }
  | {
      readonly at: number;
      readonly run: string;
      readonly entry: 'begin';
      readonly index: number;
      readonly target: Target;
      readonly step: string;
      readonly operation: Operation;
    }
  | {
      readonly at: number;
      readonly run: string;
      readonly entry: 'end';
      readonly index: number;
      readonly target: Target;
      readonly kind: OutcomeKind;
      readonly exitCode: number | null;
    }
  | { readonly at: number; readonly run: string; readonly entry: 'finish'; readonly exitCode: number };
