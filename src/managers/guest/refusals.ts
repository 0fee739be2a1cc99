import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import { readOwnerLine } from '../../pve/notes.ts';
import type { GuestInput } from './input.ts';
import { wordsOf } from './words.ts';

/** Why a guest under the desired one's number can't be it: another kind, or another node's. */
export function refuse({ desired, observed }: GuestInput, guest: ObservedGuest): Diagnostic | undefined {
  const { vmid, position, kind } = desired;
  const { tool, noun } = wordsOf(kind);
  const common = { severity: 'error', position, target: vmid } as const;
  if (guest.kind !== kind) {
    const found = wordsOf(guest.kind);
    return {
      ...common,
      code: `${kind}/is-a-${guest.kind === 'vm' ? 'vm' : 'container'}`,
      summary: `${vmid} is a ${found.noun}, not a ${noun}`,
      detail: `It is called ${guest.config.head.keys.get(found.nameKey) ?? vmid}; numbers are shared by all guests.`,
      remedy: `Give the ${noun} another number, or remove the ${found.noun}.`,
    };
  }
  if (guest.node !== observed.node.nodeName) {
    return {
      ...common,
      code: `${kind}/on-other-node`,
      summary: `${noun} ${vmid} is on node ${guest.node}`,
      detail: `This run works on ${observed.node.nodeName}.`,
      remedy: `Run phoenix on ${guest.node}, or migrate the ${noun}:\n${tool} migrate ${vmid} ${observed.node.nodeName}`,
    };
  }
  return undefined;
}

/** A guest with the number and without our line. */
export function foreign({ desired, folder }: GuestInput, guest: ObservedGuest): Diagnostic {
  const { keys, description } = guest.config.head;
  const { noun, nameKey } = wordsOf(desired.kind);
  const owner = readOwnerLine(description);
  const isOtherFolders =
    owner !== undefined && owner.vmid === guest.vmid && owner.folderId !== folder.folderId;
  const name = keys.get(nameKey) ?? 'no name';
  const state = guest.running ? 'running' : 'stopped';
  const age = describeAge(guest);
  return {
    code: `${desired.kind}/foreign-guest`,
    severity: 'error',
    summary: `${guest.vmid} is someone else's ${noun}`,
    detail: isOtherFolders
      ? `"${name}" (${noun}, ${state}${age}) belongs to the folder "${owner.folderId}".`
      : `"${name}" (${noun}, ${state}${age}) carries no line of Phoenix in its notes.`,
    remedy: `Give yours another number, or take it over:\nphoenix create ${guest.vmid} --adopt`,
    position: desired.position,
    target: guest.vmid,
  };
}

/** A guest whose delete was cut short when some of its disks were gone. */
export function halfDeleted({ desired }: GuestInput, disks: readonly string[]): Diagnostic {
  const { vmid, kind } = desired;
  return {
    code: `${kind}/half-deleted`,
    severity: 'error',
    summary: `the deletion of ${vmid} was cut short`,
    detail: `Disks that its config names are gone: ${disks.join(', ')}.`,
    remedy: `Finish it, then make it anew:\nphoenix delete ${vmid}\nphoenix create ${vmid}`,
    position: desired.position,
    target: vmid,
  };
}

/** A lock that nobody works under and that is not ours to lift. */
export function locked({ desired }: GuestInput, lock: string): Diagnostic {
  const { tool, noun } = wordsOf(desired.kind);
  return {
    code: `${desired.kind}/locked`,
    severity: 'error',
    summary: `${noun} ${desired.vmid} is locked (${lock})`,
    detail: 'No task of Proxmox works on it, so the lock was left behind by something that died.',
    remedy: `Make sure that nothing works on it, then:\n${tool} unlock ${desired.vmid}`,
    target: desired.vmid,
  };
}

/**
 * How long a guest has been there: a VM's `meta` has its creation, else by its oldest snapshot at
 * least; a container's config says nothing else.
 */
function describeAge({ config }: ObservedGuest): string {
  const made = /(?:^|,)ctime=(\d+)/.exec(config.head.keys.get('meta') ?? '')?.[1];
  if (made !== undefined) return `, made on ${dayOf(Number(made))}`;
  const times = [...config.snapshots.values()].flatMap(
    (section) => Number(section.keys.get('snaptime')) || [],
  );
  return times.length === 0 ? '' : `, there since ${dayOf(Math.min(...times))} at least`;
}

function dayOf(seconds: number): string {
  // oxlint-disable-next-line no-restricted-globals -- writes a given time, reads no clock
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'an unreadable day' : date.toISOString().slice(0, 10);
}
