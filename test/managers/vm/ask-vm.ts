import type { DesiredVm } from '../../../src/model/desired.ts';
import type { Observation, ObservedGuest, ObservedStorage } from '../../../src/model/observation.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Step, StepAnswer, StepInput } from '../../../src/model/step.ts';
import { machine } from '../../desired-vm.ts';
import { asked as askedContainer, guest, type Given } from '../given.ts';

export type GivenVm = Omit<Given, 'desired'> & {
  readonly desired?: Partial<DesiredVm>;
  readonly files?: Readonly<Record<string, string>>;
  /** What the run has done to it so far. */
  readonly done?: readonly Operation[];
};

/** What a step is asked about VM 8101 `web` on the recordings' node, whose storage `local` takes snippets. */
export function askedVm({
  desired = {},
  files = {},
  node = {},
  done,
  ...given
}: GivenVm): StepInput<DesiredVm> {
  const input = askedContainer(given);
  const wanted = machine(8101, {
    name: 'web',
    position: { file: 'phoenix_vm_configs.json', line: 3, column: 5 },
    ...desired,
  });
  const observation: Observation = {
    ...input.observed.node,
    storages: new Map([
      storage('local', ['images', 'snippets']),
      storage('local-btrfs', ['images', 'rootdir']),
    ]),
    files: new Map(Object.entries(files)),
    ...node,
  };
  return {
    ...input,
    desired: wanted,
    folder: { ...input.folder, guests: new Map([[wanted.vmid, wanted]]) },
    observed: { ...input.observed, node: observation, ...(done && { done }) },
  };
}

/** The step's answer. */
export function askVm(step: Step<DesiredVm>, given: GivenVm): StepAnswer {
  return step.plan(askedVm(given));
}

/** A VM whose config file is this text, stopped unless said otherwise. */
export function vm(text: string, more: Partial<ObservedGuest> = {}): ObservedGuest {
  return guest(text, { kind: 'vm', ...more });
}

/** A storage of directories that takes these contents. */
export function storage(
  id: string,
  content: readonly string[],
  options: Readonly<Record<string, string>> = {},
): [string, ObservedStorage] {
  const path = id === 'local' ? '/var/lib/vz' : `/mnt/${id}`;
  const type = id === 'local-btrfs' ? 'btrfs' : 'dir';
  return [id, { id, type, path, content, options: new Map(Object.entries(options)) }];
}
