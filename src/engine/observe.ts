import type { Needs } from '../model/node.ts';
import type { Observation } from '../model/observation.ts';
import type { Operation } from '../model/operation.ts';
import type { RunRequest } from '../model/run.ts';
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

/**
 * Observes a target after operations for it, and other guests that they touched (a clone's source).
 * Volumes are listed again only where an operation failed: a list is as long as the node is large,
 * and what an operation that went well made on a storage stands in the guest's own configuration.
 */
export async function observeAgain(
  context: Context,
  progress: Progress,
  { operations, hasFailed }: { readonly operations: readonly Operation[]; readonly hasFailed: boolean },
): Promise<void> {
  const touched = new Set<Target>([progress.run.target]);
  for (const operation of operations) {
    if ('vmid' in operation && operation.vmid !== undefined) touched.add(operation.vmid);
    if ('in' in operation) touched.add(operation.in);
  }
  const needs = needsOf([{ desired: progress.run.desired, manager: { steps: progress.steps } }]);
  const scope = [...touched].filter((target) => target !== 'node');
  await look(context, progress, { scope, needs: hasFailed ? needs : { ...needs, volumesOf: [] } });
}

/** Observes a target whose dependencies were changed by this run, and those with it. */
export async function observeAfterDependencies(context: Context, progress: Progress): Promise<void> {
  const { target, after } = progress.run;
  const scope = scopeOf([target, ...after], context.request.folder);
  await look(context, progress, { scope, needs: { ...needsOf([progress.run]), volumesOf: [] } });
}

type Look = { readonly scope: readonly GuestId[]; readonly needs: Needs };

async function look({ request, gates }: Context, progress: Progress, { scope, needs }: Look): Promise<void> {
  const { node, signal } = request;
  const leave = await gates.enter([LOOK_GATE]);
  try {
    if (signal?.aborted) throw new Interrupted();
    const newer = await node.observe(scope, needs, signal ? { signal } : {});
    const volumes = needs.volumesOf.length > 0 ? newer.volumes : progress.view.volumes;
    progress.view = overlay(progress.view, { ...newer, volumes }, scope);
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
