import type { TargetOutcome } from '../model/plan.ts';
import { BUG } from './trouble.ts';

/** Exit codes that a run can end with. */
export const EXIT = { done: 0, failed: 1, left: 3, unreachable: 69, bug: 70, interrupted: 130 } as const;

/** The exit code of a run: the gravest of what became of its targets. */
export function exitCodeOf(outcomes: readonly TargetOutcome[]): number {
  const results = new Set(outcomes.map(({ result }) => result));
  if (results.has('interrupted')) return EXIT.interrupted;
  const hasBug = outcomes.some(({ diagnostics }) => diagnostics.some(({ code }) => code === BUG));
  if (hasBug) return EXIT.bug;
  if (results.has('failed') || results.has('skipped')) return EXIT.failed;
  return results.has('left') ? EXIT.left : EXIT.done;
}
