import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import { readOwnerLine } from '../../pve/notes.ts';
import type { LxcInput } from './input.ts';

/** Why a guest under the container's number can't be it: another kind, or another node's. */
export function refuse({ desired, observed }: LxcInput, guest: ObservedGuest): Diagnostic | undefined {
  const { vmid, position } = desired;
  const common = { severity: 'error', position, target: vmid } as const;
  if (guest.kind !== 'lxc') {
    return {
      ...common,
      code: 'lxc/is-a-vm',
      summary: `${vmid} is a virtual machine, not a container`,
      detail: `It is called ${guest.config.head.keys.get('name') ?? vmid}; numbers are shared by all guests.`,
      remedy: 'Give the container another number, or remove the virtual machine.',
    };
  }
  if (guest.node !== observed.node.nodeName) {
    return {
      ...common,
      code: 'lxc/on-other-node',
      summary: `container ${vmid} is on node ${guest.node}`,
      detail: `This run works on ${observed.node.nodeName}.`,
      remedy: `Run phoenix on ${guest.node}, or migrate the container:\npct migrate ${vmid} ${observed.node.nodeName}`,
    };
  }
  return undefined;
}

/** A container with the number and without our line. */
export function foreign({ desired, folder }: LxcInput, guest: ObservedGuest): Diagnostic {
  const { keys, description } = guest.config.head;
  const owner = readOwnerLine(description);
  const isOtherFolders =
    owner !== undefined && owner.vmid === guest.vmid && owner.folderId !== folder.folderId;
  const name = keys.get('hostname') ?? 'no name';
  const state = guest.running ? 'running' : 'stopped';
  const age = describeAge(guest);
  return {
    code: 'lxc/foreign-guest',
    severity: 'error',
    summary: `${guest.vmid} is someone else's container`,
    detail: isOtherFolders
      ? `"${name}" (container, ${state}${age}) belongs to the folder "${owner.folderId}".`
      : `"${name}" (container, ${state}${age}) carries no line of Phoenix in its notes.`,
    remedy: `Give yours another number, or take it over:\nphoenix create ${guest.vmid} --adopt`,
    position: desired.position,
    target: guest.vmid,
  };
}

/** A lock that nobody works under and that is not ours to lift. */
export function locked({ desired }: LxcInput, lock: string): Diagnostic {
  return {
    code: 'lxc/locked',
    severity: 'error',
    summary: `container ${desired.vmid} is locked (${lock})`,
    detail: 'No task of Proxmox works on it, so the lock was left behind by something that died.',
    remedy: `Make sure that nothing works on it, then:\npct unlock ${desired.vmid}`,
    target: desired.vmid,
  };
}

/** How old a guest at least is, by its oldest snapshot; a container's config says nothing else. */
function describeAge({ config }: ObservedGuest): string {
  const times = [...config.snapshots.values()].flatMap(
    (section) => Number(section.keys.get('snaptime')) || [],
  );
  if (times.length === 0) return '';
  // oxlint-disable-next-line no-restricted-globals -- writes a given time, reads no clock
  const oldest = new Date(Math.min(...times) * 1000);
  return `, there since ${oldest.toISOString().slice(0, 10)} at least`;
}
