import { mkdir, readFile, rm } from 'node:fs/promises';
import { HostError, type MachineLaunch } from '../../../twin/host.ts';
import { runCommand } from '../../command.ts';
import { cpuCount } from '../machine.ts';
import { accelerator } from './accelerator.ts';
import { commandLine, leftOut } from './command-line.ts';
import { joinBridge, needBridge } from './nics.ts';
import { qmp } from './qmp.ts';
import { machinePid } from './run-state.ts';
import { RUNTIME_FOLDER, runtimeFile } from './runtime-files.ts';

/**
 * Starts a VM and returns once it runs, with what it got less of than it asked for. Its process joins
 * a control group of the sandbox, so that it ends with that. Rejects with what QEMU said.
 */
export async function startMachine(launch: MachineLaunch, group: string): Promise<readonly string[]> {
  const { vmid, nics } = launch;
  if ((await machinePid(vmid)) !== undefined) throw new HostError(`VM ${vmid} already running`);
  for (const nic of nics) await needBridge(nic);
  await forgetMachine(launch.vmid);
  await mkdir(RUNTIME_FOLDER, { recursive: true });
  const share = {
    accelerator: await accelerator(),
    memoryMiB: Math.min(launch.memoryMiB, await availableMiB()),
    vcpus: Math.min(launch.vcpus, await cpuCount()),
  };
  const argv = commandLine(launch, share);
  const { code, stderr } = await runCommand(['sh', '-c', 'echo $$ >"$0"; exec "$@"', group, ...argv]);
  if (code !== 0) throw new HostError(stderr.trim() || `QEMU exited with code ${code}`);
  for (const nic of nics) {
    await joinBridge(nic);
    if (nic.fields['link_down'] === '1') await setLink(vmid, nic.index, false);
  }
  return [
    ...(share.memoryMiB < launch.memoryMiB
      ? [`VM ${vmid} gets ${share.memoryMiB} MiB of memory: the sandbox's machine has no more to give`]
      : []),
    ...(share.vcpus < launch.vcpus
      ? [`VM ${vmid} gets ${share.vcpus} processors: the sandbox's machine has no more`]
      : []),
    ...leftOut(launch).map((text) => `VM ${vmid}: ${text}`),
  ];
}

/** Removes what is kept of a VM that has stopped. */
export async function forgetMachine(vmid: number): Promise<void> {
  for (const kind of ['pid', 'qmp', 'qga', 'serial0', 'serial0.log'] as const) {
    await rm(runtimeFile(vmid, kind), { force: true });
  }
}

/** Plugs or pulls the cable of a NIC. */
export async function setLink(vmid: number, index: number, isUp: boolean): Promise<void> {
  await qmp(vmid, [{ execute: 'set_link', arguments: { name: `net${index}`, up: isUp } }]);
}

/** What can be given away without making the machine itself short of memory. */
async function availableMiB(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const available = Number(/^MemAvailable:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
  return Math.max(256, Math.floor(available - 512));
}
