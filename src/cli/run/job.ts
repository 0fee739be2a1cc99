import type { Consent } from '../../model/change.ts';
import type { DesiredContainer, Folder } from '../../model/desired.ts';
import type { Observation } from '../../model/observation.ts';
import type { RunRequest, RunTarget } from '../../model/run.ts';
import type { Manager, Purpose } from '../../model/step.ts';
import { type Edges, membersBefore } from '../targets/graph.ts';

/** One pass of one state machine over some containers. */
export type Job = {
  /** Goes into the journal and to the steps. */
  readonly verb: string;
  readonly options?: Purpose['options'];
  readonly folder: Folder;
  readonly containers: readonly DesiredContainer[];
  /** Targets beside them whose own machines say that nothing can be done. */
  readonly refused?: readonly RunTarget[];
  readonly manager: Manager<DesiredContainer>;
  /** What a container comes after, as far as it is in this job. */
  readonly edges: Edges;
  readonly consent: Consent;
  /** Asked of the first observation: does this container need anything at all? */
  readonly isWanted?: (container: DesiredContainer, observation: Observation) => boolean;
  /** Operations that it is held to, where a plan was agreed on beforehand. */
  readonly agreed?: RunRequest['agreed'];
};

/** The engine's targets of a job. */
export function targetsOf(job: Job): readonly RunTarget[] {
  const { folder, containers, manager, edges, isWanted, refused = [] } = job;
  const ids = new Set(containers.map(({ vmid }) => vmid));
  const members = { ids, edges, mayBeLeftOut: isWanted !== undefined };
  const targets = containers.map((container) => ({
    target: container.vmid,
    title: `${container.vmid} ${container.name}`,
    manager,
    desired: container,
    after: membersBefore(folder, container.vmid, members),
    ...(isWanted === undefined
      ? {}
      : { isWanted: (observation: Observation) => isWanted(container, observation) }),
  }));
  return [...targets, ...refused];
}
