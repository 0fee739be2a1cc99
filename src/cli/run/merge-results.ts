import type { Change } from '../../model/change.ts';
import type { RunResult, TargetOutcome } from '../../model/plan.ts';
import type { Target } from '../../model/target.ts';

/** The runs of one command as one result: what several runs did to a target stands together. */
export function mergeResults(results: readonly RunResult[], exitCode: number): RunResult {
  const targets = new Map<Target, TargetOutcome>();
  for (const outcome of results.flatMap((result) => result.targets)) {
    const earlier = targets.get(outcome.target);
    targets.set(outcome.target, earlier === undefined ? outcome : joined(earlier, outcome));
  }
  return {
    exitCode,
    targets: [...targets.values()],
    diagnostics: results.flatMap(({ diagnostics }) => diagnostics),
  };
}

function joined(earlier: TargetOutcome, later: TargetOutcome): TargetOutcome {
  const isKept = later.result === 'unchanged' && earlier.result !== 'left';
  return {
    ...later,
    result: isKept ? earlier.result : later.result,
    ...(isKept && earlier.undone !== undefined ? { undone: earlier.undone } : {}),
    changes: withoutRepeats([...earlier.changes, ...later.changes]),
    operations: [...earlier.operations, ...later.operations],
    checks: later.checks.length > 0 ? later.checks : earlier.checks,
    diagnostics: [...earlier.diagnostics, ...later.diagnostics],
  };
}

function withoutRepeats(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [`${change.step} ${change.attribute}`, change])).values()];
}
