import type { Change } from '../../model/change.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { operationText } from '../../model/operation.ts';
import type { RunResult, TargetOutcome } from '../../model/plan.ts';
import type { Target } from '../../model/target.ts';
import type { PlanFile, PlannedTarget } from './plan-file.ts';

export type Agreement = {
  /** What a run may do, in order, by target. */
  readonly agreed: ReadonlyMap<Target, readonly string[]>;
  /** Errors for targets of which something else would be done now; then nothing may be done at all. */
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Holds a plan that was made earlier against what would be done now. What is left of it counts as the
 * same plan: an apply that was cut short is finished by the same command.
 */
export function agree(plan: PlanFile, now: RunResult): Agreement {
  const earlier = new Map(plan.targets.map((target) => [target.target, target]));
  const agreed = new Map<Target, readonly string[]>();
  const diagnostics: Diagnostic[] = [];
  for (const outcome of now.targets) {
    const planned = earlier.get(outcome.target);
    const operations = outcome.operations.map(operationText);
    agreed.set(outcome.target, operations);
    const isSame = planned && isRestOf(planned.operations, operations) && isWithin(outcome, planned);
    if (!isSame) diagnostics.push(differs(outcome, planned));
  }
  return { agreed, diagnostics };
}

function isRestOf(planned: readonly string[], operations: readonly string[]): boolean {
  const skipped = planned.length - operations.length;
  return skipped >= 0 && operations.every((text, index) => text === planned[skipped + index]);
}

/** Is every difference of now one that the plan showed, from and to the same values? */
function isWithin({ changes }: TargetOutcome, planned: PlannedTarget): boolean {
  const shown = new Set(planned.changes.map((change) => `${keyOf(change)} ${show(change)}`));
  return changes.every((change) => shown.has(`${keyOf(change)} ${show(change)}`));
}

function differs(outcome: TargetOutcome, planned: PlannedTarget | undefined): Diagnostic {
  const { target, title } = outcome;
  const said = changesSince(planned?.changes ?? [], outcome.changes);
  return {
    code: 'cli/plan-out-of-date',
    severity: 'error',
    summary: `${title} is not as it was when the plan was made`,
    detail:
      said.length > 0
        ? said.join('\n')
        : 'The same attributes would change, by other operations: a script, a file or an option of the folder is another one.',
    remedy: 'Nothing was done. Make the plan anew, look at it, and apply that:\n    phoenix plan --out FILE',
    target,
  };
}

/** One line for each difference between two lists of changes. */
function changesSince(before: readonly Change[], now: readonly Change[]): readonly string[] {
  const planned = new Map(before.map((change) => [keyOf(change), change]));
  const current = new Map(now.map((change) => [keyOf(change), change]));
  return [
    ...now.flatMap((change) => {
      const old = planned.get(keyOf(change));
      if (!old) return [`${change.attribute}: ${show(change)} would be done now, and is not in the plan`];
      const isSame = old.before === change.before && old.after === change.after;
      return isSame ? [] : [`${change.attribute}: was planned as ${show(old)}, and is now ${show(change)}`];
    }),
    ...before.flatMap((change) =>
      current.has(keyOf(change)) ? [] : [`${change.attribute}: ${show(change)} is not to be done any more`],
    ),
  ];
}

function keyOf({ step, attribute }: Change): string {
  return `${step} ${attribute}`;
}

function show({ before, after }: Change): string {
  return `${before ?? 'nothing'} -> ${after ?? 'nothing'}`;
}
