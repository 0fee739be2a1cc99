import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hierarchies } from '../cgroup.ts';
import type { Machine } from './limits.ts';

/** Looks at what this machine's control groups can limit. */
export async function readMachine(): Promise<Machine> {
  const all = await hierarchies();
  const memory = all.find((one) => one.controllers.includes('memory'));
  const memsw =
    memory && (await stat(join(memory.mount, 'memory.memsw.limit_in_bytes')).catch(() => undefined));
  return { hierarchies: all, cpuCount: await cpuCount(), hasSwapAccounting: memsw !== undefined };
}

export async function cpuCount(): Promise<number> {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  return Math.max(1, text.match(/^processor\s*:/gm)?.length ?? 1);
}
