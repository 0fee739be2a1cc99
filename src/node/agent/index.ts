import { STOP_SH } from '../guest-programs.ts';
import { AGENT_RUN_SH } from './guest-programs.ts';
import { AGENT_LIBRARY_PL } from './library.ts';
import { AGENT_RUN_PL } from './run-program.ts';
import { CONSOLE_PL, WAIT_AGENT_PL, WAIT_CLOUD_INIT_SH } from './wait-programs.ts';

/** Where Proxmox keeps the sockets and pid files of its VMs (PVE::QemuServer::Helpers). */
const QEMU_FOLDER = '/var/run/qemu-server';

/** The command that runs a command in a VM, as `lxc-attach` does in a container. */
export function inMachine(vmid: number, argv: readonly string[], folder = QEMU_FOLDER): string[] {
  const data = [folder, String(vmid), AGENT_RUN_SH, STOP_SH];
  return perl(AGENT_RUN_PL, [...data, ...argv]);
}

/** The command that waits for the agent of a VM, as long as `seconds` says. */
export function agentWaitArgv(vmid: number, seconds: string, folder = QEMU_FOLDER): string[] {
  return perl(WAIT_AGENT_PL, [folder, String(vmid), seconds]);
}

/** The command that tells what the console of a VM said last. */
export function consoleArgv(vmid: number, folder = QEMU_FOLDER): string[] {
  return ['perl', '-e', CONSOLE_PL, '--', folder, String(vmid)];
}

/** The command that waits in a guest for its Cloud-Init; the limit in seconds is its last word. */
export const CLOUD_INIT_WAIT = ['sh', '-c', WAIT_CLOUD_INIT_SH, 'phoenix-wait'] as const;

function perl(text: string, data: readonly string[]): string[] {
  return ['perl', '-e', `${AGENT_LIBRARY_PL}\n${text}`, '--', ...data];
}
