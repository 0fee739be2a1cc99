import type { RunEvent, TargetResult } from '../model/event.ts';
import type { Operation } from '../model/operation.ts';
import type { Target } from '../model/target.ts';

/** What a live view knows of a run, brought up to date by each event. Times are the reader's own. */
export type Tree = {
  total: number;
  readonly running: Map<Target, Branch>;
  readonly ended: Map<TargetResult, number>;
};

export type Branch = {
  readonly title: string;
  readonly since: number;
  readonly steps: Twig[];
  operation?: Operation | undefined;
  /** The last line that the running operation said. */
  lastLine?: string | undefined;
  /** Why it waits, where it does. */
  waiting?: string | undefined;
};

export type Twig = {
  readonly name: string;
  readonly since: number;
  /** Whether it asked a check. */
  hasAsked?: boolean;
  end?: { readonly hasChanged: boolean; readonly elapsedMs: number };
};

/** A tree before the first event. */
export function emptyTree(): Tree {
  return { total: 0, running: new Map(), ended: new Map() };
}

/** Brings a tree up to date. Returns the branch of a target that just ended. */
export function grow(tree: Tree, event: RunEvent, now: number): Branch | undefined {
  if (event.event === 'run-start') tree.total = event.targets.length;
  if (!('target' in event)) return undefined;
  if (event.event === 'target-start') {
    tree.running.set(event.target, { title: event.title, since: now, steps: [] });
    return undefined;
  }
  const branch = tree.running.get(event.target);
  if (event.event === 'target-end') {
    tree.running.delete(event.target);
    tree.ended.set(event.result, (tree.ended.get(event.result) ?? 0) + 1);
    return branch ?? { title: event.title, since: now, steps: [] };
  }
  if (branch) growBranch(branch, event, now);
  return undefined;
}

function growBranch(branch: Branch, event: RunEvent, now: number): void {
  switch (event.event) {
    case 'step-start':
      branch.steps.push({ name: event.step, since: now });
      return;
    case 'step-end': {
      const twig = branch.steps.findLast(({ name }) => name === event.step);
      if (twig) twig.end = { hasChanged: event.changed, elapsedMs: event.elapsedMs };
      return;
    }
    case 'operation-start':
      branch.operation = event.operation;
      branch.lastLine = undefined;
      branch.waiting = undefined;
      if (event.operation.op === 'check') markAsked(branch);
      return;
    case 'output':
      branch.lastLine = event.line.text;
      return;
    case 'operation-retry':
      branch.waiting = event.reason;
      return;
    case 'operation-end':
      branch.operation = undefined;
      branch.lastLine = undefined;
      branch.waiting = undefined;
      return;
    default:
  }
}

/** Is it worth a line once it is over? */
export function isWorthShowing({ end, hasAsked }: Twig): boolean {
  return end === undefined || end.hasChanged || hasAsked === true;
}

function markAsked({ steps }: Branch): void {
  const current = steps.at(-1);
  if (current) current.hasAsked = true;
}
