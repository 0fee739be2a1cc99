import type { Needs, Node } from '../../model/node.ts';
import type { RunResult } from '../../model/plan.ts';
import type { RunRequest } from '../../model/run.ts';
import type { Context } from '../context.ts';
import { openPlanTwin } from '../nodes/open-node.ts';
import { targetsOf, type Job } from './job.ts';

/** What a job would do now, on a twin of the node; nothing is shown. */
export async function foresee(context: Context, node: Node, job: Job): Promise<RunResult> {
  return await runJob(context, await openPlanTwin(node, await needsOf(job), context.io.signal), job);
}

/** Runs a job on a node. Without more it neither shows anything nor leaves a trace but what it does. */
export async function runJob(
  { io }: Context,
  node: Node,
  job: Job,
  { emit, isJournaled, ask }: Pick<RunRequest, 'emit' | 'isJournaled' | 'ask'> = {
    emit: () => {},
    isJournaled: false,
  },
): Promise<RunResult> {
  const [{ run }, { fillOperation }, { gateWidth }] = await Promise.all([
    import('../../engine/index.ts'),
    import('../../pve/fill.ts'),
    import('../../pve/gates.ts'),
  ]);
  return await run({
    node,
    folder: job.folder,
    targets: targetsOf(job),
    consent: job.consent,
    purpose: { verb: job.verb, options: job.options ?? {} },
    dialect: { fill: fillOperation, gateWidth },
    emit,
    signal: io.signal,
    random: io.random,
    isJournaled,
    ...(ask && { ask }),
    ...(job.agreed && { agreed: job.agreed }),
  });
}

/** What an observation must hold for a job. */
export async function needsOf(job: Job): Promise<Needs> {
  const { needsOf: needsOfTargets } = await import('../../engine/view.ts');
  return needsOfTargets(targetsOf(job));
}
