import type { Change } from '../../model/change.ts';
import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import type { RunResult } from '../../model/plan.ts';
import { LIVE_ONLY } from '../../model/change.ts';
import type { GuestId, GuestKind } from '../../model/target.ts';
import { isOurs } from '../../managers/guest/input.ts';
import { foreignEntries } from '../../managers/drift.ts';

/** How a guest of the folder differs from what the node has. */
export type GuestDrift = {
  readonly vmid: GuestId;
  readonly name: string;
  readonly kind: GuestKind;
  readonly state: 'absent' | 'not ours' | 'as described' | 'differs';
  readonly differences: readonly Pick<Change, 'attribute' | 'before' | 'after'>[];
  /** What somebody else put into it. */
  readonly foreign: readonly string[];
  /** Why more could not be told. */
  readonly problems: readonly string[];
};

export type Drift = {
  readonly guests: readonly GuestDrift[];
  /** Guests of the node that the folder does not have. */
  readonly others: readonly { readonly vmid: GuestId; readonly name: string; readonly kind: GuestKind }[];
};

/** What differs, from what would be done (`result`) and what is there. */
export function findDrift(
  folder: Folder,
  guests: readonly DesiredGuest[],
  { result, observation }: { readonly result: RunResult; readonly observation: Observation },
): Drift {
  return {
    guests: guests.map((guest) => driftOf(folder, guest, { result, observation })),
    others: [...observation.guests.values()]
      .filter(({ vmid, node }) => !folder.guests.has(vmid) && node === observation.nodeName)
      .map((guest) => ({ vmid: guest.vmid, name: nameOf(guest), kind: guest.kind })),
  };
}

function driftOf(
  folder: Folder,
  desired: DesiredGuest,
  { result, observation }: { readonly result: RunResult; readonly observation: Observation },
): GuestDrift {
  const { vmid, name, kind } = desired;
  const guest = observation.guests.get(vmid);
  const nothing = { vmid, name, kind, differences: [], foreign: [], problems: [] };
  if (!guest) return { ...nothing, state: 'absent' };
  if (guest.kind !== kind || !isOurs(guest, folder.folderId)) return { ...nothing, state: 'not ours' };
  const outcome = result.targets.find(({ target }) => target === vmid);
  const differences = (outcome?.changes ?? [])
    .filter(({ attribute }) => !/^(?:restart|snapshot |record$)/.test(attribute))
    .map(({ attribute, before, after }) => ({ attribute, before, after }));
  const foreign = foreignEntries({
    desired,
    observed: { node: observation, guest, answers: new Map() },
    folder,
    consent: LIVE_ONLY,
    purpose: { verb: 'drift', options: {} },
  });
  const problems = (outcome?.diagnostics ?? [])
    .filter(({ severity }) => severity === 'error')
    .map(({ summary }) => summary);
  const isSame = differences.length + foreign.length + problems.length === 0;
  return { ...nothing, state: isSame ? 'as described' : 'differs', differences, foreign, problems };
}

function nameOf({ config }: ObservedGuest): string {
  return config.head.keys.get('hostname') ?? config.head.keys.get('name') ?? '';
}
