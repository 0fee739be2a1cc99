import type { DesiredContainer, Folder } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { RunTarget } from '../../model/run.ts';
import type { GuestId } from '../../model/target.ts';
import { hypervisorManager } from '../../managers/hypervisor/index.ts';
import { vmManager } from '../../managers/vm/index.ts';
import type { Selection } from './resolve-targets.ts';

/** The containers among some guests, in order, and what becomes of the rest. */
export type Containers = {
  readonly containers: readonly DesiredContainer[];
  /** What was asked for by name and can't be done: targets whose machines say so. */
  readonly refused: readonly RunTarget[];
  /** Notices on what was only reached through a group or a dependency, and is left alone. */
  readonly notices: readonly Diagnostic[];
};

/** Sets apart what this version does not look after: virtual machines and the host itself. */
export function onlyContainers(
  folder: Folder,
  ids: readonly GuestId[],
  selection: Pick<Selection, 'named' | 'node'>,
): Containers {
  const guests = ids.flatMap((id) => folder.guests.get(id) ?? []);
  const machines = guests.filter(({ kind }) => kind === 'vm');
  const named = machines.filter(({ vmid }) => selection.named.has(vmid));
  const others = machines.filter(({ vmid }) => !selection.named.has(vmid));
  return {
    containers: guests.filter((guest) => guest.kind === 'lxc'),
    refused: [
      ...named.map((machine): RunTarget => ({
        target: machine.vmid,
        title: `${machine.vmid} ${machine.name}`,
        manager: vmManager,
        desired: machine,
        after: [],
      })),
      ...(selection.node === 'named' ? [hostTarget(folder)] : []),
    ],
    notices: others.length === 0 ? [] : [leftAlone(others)],
  };
}

function hostTarget({ hypervisor }: Folder): RunTarget {
  return { target: 'node', title: 'hypervisor', manager: hypervisorManager, desired: hypervisor, after: [] };
}

function leftAlone(machines: readonly { readonly vmid: GuestId; readonly name: string }[]): Diagnostic {
  const shown = machines.slice(0, MAX_NAMED).map(({ vmid, name }) => `${vmid} ${name}`);
  const rest = machines.length > MAX_NAMED ? [`and ${machines.length - MAX_NAMED} more`] : [];
  return {
    code: 'cli/machines-left-alone',
    severity: 'notice',
    summary: 'This version of Phoenix checks virtual machines and leaves them as they are',
    detail: `Left alone: ${[...shown, ...rest].join(', ')}.`,
  };
}

const MAX_NAMED = 10;
