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
      /** `end`: it is closed. `failed`: what it left behind may still be there, so it stays open. */
      readonly entry: 'end' | 'failed';
      readonly index: number;
      readonly target: Target;
      readonly kind: OutcomeKind;
      readonly exitCode: number | null;
    }
  | { readonly at: number; readonly run: string; readonly entry: 'finish'; readonly exitCode: number };

/**
 * An entry as its line of the journal, without a line end: `at`, `run`, `entry` and `index` come first
 * in this order, so that open entries can be told without understanding the rest.
 */
export function journalLine(entry: JournalEntry): string {
  const { at, run, entry: kind, ...rest } = entry;
  const index = 'index' in entry ? { index: entry.index } : {};
  return JSON.stringify({ at, run, entry: kind, ...index, ...rest });
}
