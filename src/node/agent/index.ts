import { STOP_SH } from '../guest-programs.ts';
import { AGENT_RUN_SH } from './guest-programs.ts';
import { AGENT_LIBRARY_PL } from './library.ts';
import { AGENT_RUN_PL } from './run-program.ts';

/** Where Proxmox keeps the sockets and pid files of its VMs (PVE::QemuServer::Helpers). */
export const QEMU_FOLDER = '/var/run/qemu-server';

/** The command that runs a command in a VM, as `lxc-attach` does in a container. */
export function inMachine(vmid: number, argv: readonly string[], folder = QEMU_FOLDER): string[] {
  const data = [folder, String(vmid), AGENT_RUN_SH, STOP_SH];
  return ['perl', '-e', `${AGENT_LIBRARY_PL}\n${AGENT_RUN_PL}`, '--', ...data, ...argv];
}
