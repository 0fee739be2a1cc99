import type { Observation } from '../model/observation.ts';
import type { Operation } from '../model/operation.ts';
import type { RunRequest, RunTarget } from '../model/run.ts';
import type { GuestId, Target } from '../model/target.ts';
import type { Context, Progress } from './context.ts';
import { LOOK_GATE } from './execute.ts';
import { carriedDiagnostic, describeError, Interrupted, Trouble } from './trouble.ts';
import { needsOf, overlay, scopeOf } from './view.ts';

/** The one observation at the start of a run, shared by all targets. Throws `Trouble`. */
export async function observeFirst(request: RunRequest): Promise<Observation> {
  const { node, targets, folder, signal } = request;
  const scope = scopeOf(
    targets.map(({ target }) => target),
    folder,
  );
  try {
    return await node.observe(scope, needsOf(targets), signal ? { signal } : {});
  } catch (error) {
    throw troubleOf(error, request);
  }
}

/** Observes a target after operations for it, and other guests that they touched (a clone's source). */
export async function observeAgain(
  context: Context,
  progress: Progress,
  operations: readonly Operation[],
): Promise<void> {
  const touched = new Set<Target>([progress.run.target]);
  for (const operation of operations) {
    if ('vmid' in operation && operation.vmid !== undefined) touched.add(operation.vmid);
    if ('in' in operation) touched.add(operation.in);
  }
  const scope = [...touched].filter((target) => target !== 'node');
  await look(context, progress, scope);
}

/** Observes a target whose dependencies were changed by this run, and those with it. */
export async function observeAfterDependencies(context: Context, progress: Progress): Promise<void> {
  const { request } = context;
  const { target, after } = progress.run;
  await look(context, progress, scopeOf([target, ...after], request.folder));
}

async function look(
  { request, gates }: Context,
  progress: Progress,
  scope: readonly GuestId[],
): Promise<void> {
  const leave = await gates.enter([LOOK_GATE]);
  try {
    if (request.signal?.aborted) throw new Interrupted();
    const targets: readonly RunTarget[] = [progress.run];
    const newer = await request.node.observe(
      scope,
      needsOf(targets),
      request.signal ? { signal: request.signal } : {},
    );
    progress.view = overlay(progress.view, newer, scope);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    throw troubleOf(error, request);
  } finally {
    leave();
  }
}

function troubleOf(error: unknown, { node, signal }: RunRequest): Error {
  if (signal?.aborted) return new Interrupted();
  return new Trouble(
    carriedDiagnostic(error) ?? {
      code: 'engine/node-not-observed',
      severity: 'error',
      summary: 'The node cannot be observed',
      detail: `${node.title}: ${describeError(error)}`,
      remedy: 'Look whether the node can be reached and answers, then run the same command again.',
    },
  );
}
