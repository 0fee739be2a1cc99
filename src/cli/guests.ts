import type { DesiredContainer, Folder } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { GuestId } from '../model/target.ts';
import type { Selection } from './targets.ts';

/** The containers among some guests, in order, and what is to be said of the rest. */
export type Containers = {
  readonly containers: readonly DesiredContainer[];
  /** Errors for what was asked for by name and can't be done, notices for the rest. */
  readonly diagnostics: readonly Diagnostic[];
};

/** Leaves out what this version does not look after: virtual machines and the host itself. */
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
    diagnostics: [
      ...named.map(({ vmid }) => ({ ...MACHINES, severity: 'error' as const, target: vmid })),
      ...(others.length === 0
        ? []
        : [{ ...MACHINES, severity: 'notice' as const, detail: `Taken as they are: ${names(others)}.` }]),
      ...(selection.node === 'named' ? [{ ...HOST, severity: 'error' as const }] : []),
    ],
  };
}

const MACHINES = {
  code: 'cli/not-in-this-version',
  summary: 'This version of Phoenix checks virtual machines but does not work on them',
} as const;

const HOST = {
  code: 'cli/not-in-this-version',
  summary: 'This version of Phoenix checks the hypervisor configuration but does not work on the host',
  remedy: 'phoenix converge all looks after the containers.',
} as const;

const MAX_NAMED = 10;

function names(guests: readonly { readonly vmid: GuestId; readonly name: string }[]): string {
  const shown = guests.slice(0, MAX_NAMED).map(({ vmid, name }) => `${vmid} ${name}`);
  return [...shown, ...(guests.length > MAX_NAMED ? [`and ${guests.length - MAX_NAMED} more`] : [])].join(
    ', ',
  );
}
