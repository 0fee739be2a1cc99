import type { DesiredContainer } from '../../model/desired.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { NodeRecord } from '../../model/record.ts';
import type { Step, StepInput } from '../../model/step.ts';
import { emptyNodeRecord } from '../../pve/node-record.ts';
import { readOwnerLine } from '../../pve/notes.ts';

export type LxcStep = Step<DesiredContainer>;
export type LxcInput = StepInput<DesiredContainer>;

/** An input whose container is there. */
export type PresentInput = LxcInput & { readonly guest: ObservedGuest };

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

/** The input with its container, where it is there and really is one. */
export function present(input: LxcInput): PresentInput | undefined {
  const { guest } = input.observed;
  return guest?.kind === 'lxc' ? { ...input, guest } : undefined;
}
