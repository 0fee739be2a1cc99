import type { GuestId } from '../../../model/target.ts';

/** Where Proxmox keeps what belongs to a running VM. */
export const RUNTIME_FOLDER = '/var/run/qemu-server';

/** A file of a running VM: its process id, a socket, or what its serial console said. */
export function runtimeFile(vmid: GuestId, kind: 'pid' | 'qmp' | 'qga' | 'serial0' | 'serial0.log'): string {
  return `${RUNTIME_FOLDER}/${vmid}.${kind}`;
}
