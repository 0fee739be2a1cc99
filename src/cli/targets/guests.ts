import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { RunTarget } from '../../model/run.ts';
import type { GuestId } from '../../model/target.ts';
import { refusingHost } from '../../managers/hypervisor/refusing-host.ts';
import type { Selection } from './resolve-targets.ts';

/** The guests of some ids, in order, and what becomes of the rest. */
export type Chosen = {
  readonly guests: readonly DesiredGuest[];
  /** What was asked for by name and can't be done: targets whose machines say so. */
  readonly refused: readonly RunTarget[];
};

/** The guests that a verb acts on; the host itself, where it was named, says that the verb is not for hosts. */
export function chosenGuests(
  folder: Folder,
  ids: readonly GuestId[],
  selection: Pick<Selection, 'node'>,
): Chosen {
  return {
    guests: ids.flatMap((id) => folder.guests.get(id) ?? []),
    refused: selection.node === 'named' ? [hostTarget(folder)] : [],
  };
}

function hostTarget({ hypervisor }: Folder): RunTarget {
  return { target: 'node', title: 'hypervisor', manager: refusingHost, desired: hypervisor, after: [] };
}
