import type { DesiredGuest } from '../../model/desired.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { NodeRecord } from '../../model/record.ts';
import type { Step, StepInput } from '../../model/step.ts';
import { emptyNodeRecord } from '../../pve/node-record.ts';
import { readOwnerLine } from '../../pve/notes.ts';

/** A step that is the same for both kinds of guest. */
export type GuestStep = Step<DesiredGuest>;
export type GuestInput = StepInput<DesiredGuest>;

/** An input whose guest is there and of the kind that the folder says. */
export type PresentGuest<Desired extends DesiredGuest = DesiredGuest> = StepInput<Desired> & {
  readonly guest: ObservedGuest;
};

/** Does the guest carry the line of this folder and of its own number? A copy's line names another. */
export function isOurs(guest: ObservedGuest, folderId: string): boolean {
  const owner = readOwnerLine(guest.config.head.description);
  return owner?.folderId === folderId && owner.vmid === guest.vmid;
}

/** What Phoenix put into the guest. Void (empty) where the guest's notes lack our line. */
export function recordOf(guest: ObservedGuest, folderId: string): NodeRecord {
  const record = isOurs(guest, folderId) ? guest.nodeRecord : undefined;
  return record ?? emptyNodeRecord(guest.vmid);
}

/** The input with its guest, where it is there and really is of its kind. */
export function present<Desired extends DesiredGuest>(
  input: StepInput<Desired>,
): PresentGuest<Desired> | undefined {
  const { guest } = input.observed;
  return guest?.kind === input.desired.kind ? { ...input, guest } : undefined;
}
