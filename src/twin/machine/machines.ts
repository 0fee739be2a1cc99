import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import type { HostMachines } from '../host.ts';

/** The part of the host that runs VMs; refuses where it runs none. */
export function machinesOf(session: Session): HostMachines {
  const { machines } = session.host;
  if (machines === undefined) throw new ToolError('virtual machines are not available on this node');
  return machines;
}

/** Does a VM run, paused or not? Looking leaves an error code behind where it does not. */
export async function isMachineRunning(session: Session, vmid: number): Promise<boolean> {
  return (await machinesOf(session).find(vmid)) !== undefined;
}
