import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '../../twin/host.ts';
import type { GuestId } from '../../model/target.ts';
import { hierarchies } from '../cgroup.ts';
import { runCommand } from '../command.ts';

/** Containers of this network namespace whose monitor answers, as Proxmox finds them. */
export async function runningContainers(): Promise<Set<GuestId>> {
  const sockets = await readFile('/proc/net/unix', 'utf8');
  const found = sockets.matchAll(/@\/var\/lib\/lxc\/(\d+)\/command$/gm);
  return new Set([...found].map((match) => Number(match[1])));
}

/** The process id of a container's init; undefined where it is stopped. */
export async function initPid(vmid: GuestId): Promise<number | undefined> {
  if (!(await runningContainers()).has(vmid)) return undefined;
  const { stdout } = await runCommand(['lxc-info', '-n', String(vmid), '-p', '-H']);
  const pid = Number(stdout.trim());
  return pid > 0 ? pid : undefined;
}

/** What a running container uses. */
export async function runState(vmid: GuestId, cgroup: string): Promise<RunState | undefined> {
  const pid = await initPid(vmid);
  if (pid === undefined) return undefined;
  const group = `${cgroup}/${vmid}`;
  const memory = (await groupNumber(group, 'memory', ['memory.usage_in_bytes', 'memory.current'])) ?? 0;
  const withSwap = await groupNumber(group, 'memory', ['memory.memsw.usage_in_bytes']);
  const swap =
    withSwap === undefined ? await groupNumber(group, 'memory', ['memory.swap.current']) : withSwap - memory;
  return {
    pid,
    startedMs: await startedMs(pid),
    memoryBytes: memory,
    swapBytes: Math.max(0, swap ?? 0),
    cpuSeconds: await cpuSeconds(group),
  };
}

/** The folder of a group in the hierarchy of a controller. */
export async function groupFolder(group: string, controller: string): Promise<string> {
  const all = await hierarchies();
  const found = all.find((one) => one.controllers.includes(controller)) ?? all.find((one) => one.isUnified);
  return join(found?.mount ?? '/sys/fs/cgroup', group);
}

async function groupNumber(
  group: string,
  controller: string,
  files: readonly string[],
): Promise<number | undefined> {
  const folder = await groupFolder(group, controller);
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (text !== undefined) return Number(text);
  }
  return undefined;
}

async function cpuSeconds(group: string): Promise<number> {
  const nanoseconds = await groupNumber(group, 'cpuacct', ['cpuacct.usage']);
  if (nanoseconds !== undefined) return nanoseconds / 1e9;
  const stat = await readFile(join(await groupFolder(group, 'cpu'), 'cpu.stat'), 'utf8').catch(() => '');
  return Number(/^usage_usec (\d+)/m.exec(stat)?.[1] ?? 0) / 1e6;
}

/** When a process began, as a time of day. */
export async function startedMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  const boot = /^btime (\d+)/m.exec(await readFile('/proc/stat', 'utf8'))?.[1];
  return Number(boot ?? 0) * 1000 + ticks * 10;
}
