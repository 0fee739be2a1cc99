import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Holder, Lock } from '../model/node.ts';
import { pause } from './pause.ts';

/** What the lock's file holds: the holder, and how to tell whether it still lives. */
type Held = Holder & { readonly startTime: string; readonly boot: string };

/**
 * Takes the node's lock by creating its file whole (a hard link, so that nobody sees half of it). A
 * lock whose holder's process is gone, or is another by its start time, is stale and taken over.
 */
export async function takeLock(path: string, purpose: string, now: number): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true });
  const pid = Number(await readlink('/proc/self'));
  const held: Held = {
    pid,
    host: hostname(),
    since: now,
    purpose,
    startTime: (await startTimeOf(pid)) ?? '',
    boot: await bootId(),
  };
  const text = `${JSON.stringify(held)}\n`;
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, text, { mode: 0o600 });
  try {
    for (;;) {
      if (await canLink(own, path)) return { acquired: true, release: () => release(path, text) };
      const current = await readText(path);
      if (current === undefined) continue;
      const holder = parseHeld(current);
      if (holder && !(await isStale(holder))) return { acquired: false, holder: publicHolder(holder) };
      await removeStale(path, current, own);
    }
  } finally {
    await rm(own, { force: true });
  }
}

async function canLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function release(path: string, text: string): Promise<void> {
  if ((await readText(path)) === text) await rm(path, { force: true });
}

/**
 * Removes a stale lock, if it still is the one that was looked at: of several who find it stale, only
 * the one that holds the lock of the removal may do so, or it could remove the next one's.
 */
async function removeStale(path: string, stale: string, own: string): Promise<void> {
  const removal = `${path}.removal`;
  if (!(await canLink(own, removal))) {
    const other = parseHeld((await readText(removal)) ?? '');
    if (other && (await isStale(other))) await rm(removal, { force: true });
    return pause(5);
  }
  try {
    if ((await readText(path)) === stale) await rm(path, { force: true });
  } finally {
    await rm(removal, { force: true });
  }
}

async function isStale(holder: Held): Promise<boolean> {
  if (holder.host !== hostname()) return false;
  if (holder.boot !== '' && holder.boot !== (await bootId())) return true;
  const startTime = await startTimeOf(holder.pid);
  return startTime === undefined || startTime !== holder.startTime;
}

/** When a process started, in ticks since boot (field 22 of /proc/PID/stat); undefined where there is none. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

async function bootId(): Promise<string> {
  return ((await readText('/proc/sys/kernel/random/boot_id')) ?? '').trim();
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHeld(text: string): Held | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const entries = new Map<string, unknown>(Object.entries(value));
    const pid = entries.get('pid');
    if (typeof pid !== 'number') return undefined;
    return {
      pid,
      host: String(entries.get('host') ?? ''),
      since: Number(entries.get('since') ?? 0),
      purpose: String(entries.get('purpose') ?? ''),
      startTime: String(entries.get('startTime') ?? ''),
      boot: String(entries.get('boot') ?? ''),
    };
  } catch {
    return undefined;
  }
}

function publicHolder({ pid, host, since, purpose }: Held): Holder {
  return { pid, host, since, purpose };
}
