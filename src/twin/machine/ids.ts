import type { GuestId } from '../../model/target.ts';
import type { Session } from '../call/session.ts';

/** Ids of this node's VMs, in order. */
export async function listMachines(session: Session): Promise<GuestId[]> {
  const names = await session.host.files.list(`/etc/pve/nodes/${session.host.nodeName}/qemu-server`);
  return names
    .map((name) => /^(\d+)\.conf$/.exec(name)?.[1])
    .filter((id) => id !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b);
}
