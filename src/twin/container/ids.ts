import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';

/** Where a guest's configuration stands in the cluster; undefined for a free id. */
export type FoundGuest = { readonly kind: 'lxc' | 'qemu'; readonly node: string };

/** Looks an id up on every node of the cluster. */
export async function findGuest(session: Session, vmid: GuestId): Promise<FoundGuest | undefined> {
  for (const node of await session.host.files.list('/etc/pve/nodes')) {
    for (const [kind, folder] of [
      ['lxc', 'lxc'],
      ['qemu', 'qemu-server'],
    ] as const) {
      const stat = await session.host.files.stat(`/etc/pve/nodes/${node}/${folder}/${vmid}.conf`);
      if (stat !== undefined) return { kind, node };
    }
  }
  return undefined;
}

/** Refuses an id that a guest has; `allowContainer` lets a container of that id pass. */
export async function refuseTakenId(session: Session, vmid: GuestId, allowContainer = false): Promise<void> {
  const found = await findGuest(session, vmid);
  if (found === undefined) return;
  const word = found.kind === 'lxc' ? 'CT' : 'VM';
  if (allowContainer && found.kind === 'lxc' && found.node === session.host.nodeName) return;
  // Looking for a container's configuration leaves an error code behind where a VM has the id.
  const exitCode = found.kind === 'qemu' ? 2 : undefined;
  throw new ToolError(`${word} ${vmid} already exists on node '${found.node}'`, exitCode);
}

/** Ids of this node's containers, in order. */
export async function listContainers(session: Session): Promise<GuestId[]> {
  const names = await session.host.files.list(`/etc/pve/nodes/${session.host.nodeName}/lxc`);
  return names
    .map((name) => /^(\d+)\.conf$/.exec(name)?.[1])
    .filter((id) => id !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b);
}
