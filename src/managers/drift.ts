import type { DesiredGuest } from '../model/desired.ts';
import type { DescribedGuest } from '../model/described.ts';
import type { Observation, ObservedGuest } from '../model/observation.ts';
import type { StepInput } from '../model/step.ts';
import { effectiveKeys } from '../pve/effective.ts';
import { isOurs, present } from './guest/input.ts';
import { describeContainer } from './lxc/describe/container.ts';
import { foreignInContainer } from './lxc/foreign.ts';
import { describeVm } from './vm/describe/vm.ts';
import { foreignInVm } from './vm/foreign.ts';

/** A guest as it will be after its next start, when nothing waits any more. */
export function settled(guest: ObservedGuest): ObservedGuest {
  const { pending: _, ...config } = guest.config;
  const head = { ...config.head, keys: effectiveKeys(guest.config) };
  return { ...guest, config: { ...config, head } };
}

/** A guest of the node in the words of a folder. */
export function describeGuest(guest: ObservedGuest, node: Observation): DescribedGuest {
  return guest.kind === 'lxc' ? describeContainer(guest, node) : describeVm(guest);
}

/** What somebody else put into a guest of ours; nothing where it is not there, or not ours. */
export function foreignEntries(input: StepInput<DesiredGuest>): readonly string[] {
  const { desired } = input;
  const found = present(input)?.guest;
  if (!found || !isOurs(found, input.folder.folderId)) return [];
  const guest = settled(found);
  return desired.kind === 'lxc'
    ? foreignInContainer({ ...input, desired, guest })
    : foreignInVm({ ...input, desired, guest });
}
