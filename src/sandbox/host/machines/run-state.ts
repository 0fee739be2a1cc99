import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestId } from '../../../model/target.ts';
import type { MachineState } from '../../../twin/host-machines.ts';
import { startedMs } from '../run-state.ts';
import { qmp } from './qmp.ts';
import { runtimeFile } from './runtime-files.ts';

/** The run state of a VM; undefined where it is stopped. */
export async function machineState(vmid: GuestId): Promise<MachineState | undefined> {
  const pid = await machinePid(vmid);
  if (pid === undefined) return undefined;
  const [answer] = await qmp(vmid, [{ execute: 'query-status' }]).catch(() => []);
  const isPaused =
    typeof answer === 'object' && answer !== null && 'status' in answer && answer.status === 'paused';
  const pages = Number((await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '')).split(' ')[1] ?? 0);
  return {
    pid,
    startedMs: await startedMs(pid),
    status: isPaused ? 'paused' : 'running',
    memoryBytes: pages * PAGE_BYTES,
  };
}

/** The process id of a VM's QEMU; undefined where it is stopped. */
export async function machinePid(vmid: GuestId): Promise<number | undefined> {
  const file = runtimeFile(vmid, 'pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).trim());
  if (!(pid > 0)) return undefined;
  // The number may be another's by now, even a VM's of another sandbox.
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (!words.includes(file)) return undefined;
  const [its, ours] = await Promise.all([mountNamespace(String(pid)), mountNamespace('self')]);
  return its === ours ? pid : undefined;
}

/** Waits until a VM has stopped; false where it still runs after `timeoutMs`. */
export async function waitUntilStopped(vmid: GuestId, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while ((await machinePid(vmid)) !== undefined) {
    if (Date.now() >= end) return false;
    await sleep(100);
  }
  return true;
}

const PAGE_BYTES = 4096;

async function mountNamespace(process: string): Promise<string> {
  return readlink(`/proc/${process}/ns/mnt`).catch(() => '');
}
