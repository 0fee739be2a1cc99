import type { Consent } from '../../model/change.ts';
import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { Observation } from '../../model/observation.ts';
import type { RunRequest, RunTarget } from '../../model/run.ts';
import type { Manager, Purpose } from '../../model/step.ts';
import { type Edges, membersBefore } from '../targets/graph.ts';

/** One pass over some guests, each with a state machine of its kind. */
export type Job = {
  /** Goes into the journal and to the steps. */
  readonly verb: string;
  readonly options?: Purpose['options'];
  readonly folder: Folder;
  readonly guests: readonly DesiredGuest[];
  /** The host itself, before all guests. */
  readonly host?: RunTarget;
  /** Targets beside them whose own machines say that nothing can be done. */
  readonly refused?: readonly RunTarget[];
  readonly manager: (guest: DesiredGuest) => Manager<never>;
  /** What a guest comes after, as far as it is in this job. */
  readonly edges: Edges;
  readonly consent: Consent;
  /** Asked of the first observation: does this guest need anything at all? */
  readonly isWanted?: (guest: DesiredGuest, observation: Observation) => boolean;
  /** Operations that it is held to, where a plan was agreed on beforehand. */
  readonly agreed?: RunRequest['agreed'];
};

/** The engine's targets of a job. */
export function targetsOf(job: Job): readonly RunTarget[] {
  const { folder, guests, manager, edges, isWanted, host, refused = [] } = job;
  const ids = new Set(guests.map(({ vmid }) => vmid));
  const members = { ids, edges, mayBeLeftOut: isWanted !== undefined };
  const targets = guests.map((guest) => ({
    target: guest.vmid,
    title: `${guest.vmid} ${guest.name}`,
    manager: manager(guest),
    desired: guest,
    after: [...(host ? [host.target] : []), ...membersBefore(folder, guest.vmid, members)],
    ...(isWanted === undefined
      ? {}
      : { isWanted: (observation: Observation) => isWanted(guest, observation) }),
  }));
  return [...(host ? [host] : []), ...targets, ...refused];
}
