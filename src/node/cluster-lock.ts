import { access, mkdir, readFile, readlink, rm, rmdir, stat, statfs, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Holder, Lock } from '../model/node.ts';
import { NodeUnreachable } from '../model/unreachable.ts';
import { takeLock } from './node-lock.ts';
import { replaceFile } from './write-file.ts';

/**
 * Takes the node's lock and, in a cluster, the cluster's: a folder under `/etc/pve/priv/lock`, which
 * pmxcfs lets one node make and which expires 120 s after its owner last touched it
 * (PVE::Cluster cfs_lock, pmxcfs memdb_lock_expired). Who holds it stands in a file beside the records.
 * `root` is where the node's files are seen.
 */
export async function takeClusterLock(root: string, purpose: string, now: number): Promise<Lock> {
  const local = await takeLock(`${root}/var/lib/phoenix/lock`, purpose, now);
  if (!local.acquired || !(await exists(`${root}/etc/pve/corosync.conf`))) return local;
  const folder = `${root}/etc/pve/priv/lock/phoenix`;
  const note = `${root}/etc/pve/priv/phoenix/lock.json`;
  const release = async (): Promise<void> => {
    await rm(note, { force: true });
    await rmdir(folder).finally(local.release);
  };
  if (!(await acquire(folder, note).catch((error: unknown) => giveUp(error, local.release)))) {
    const holder = (await readHolder(note)) ?? { ...UNKNOWN, since: now };
    await local.release();
    return { acquired: false, holder };
  }
  const pid = Number(await readlink('/proc/self'));
  await writeNote(note, { pid, host: hostname(), since: now, purpose }).catch((error: unknown) =>
    giveUp(error, release),
  );
  const renewal = setInterval(() => void touch(folder), RENEW_MS).unref();
  return {
    acquired: true,
    release: () => {
      clearInterval(renewal);
      return release();
    },
  };
}

/** Whoever made the lock and did not yet say so. */
const UNKNOWN = { pid: 0, host: 'another node', purpose: 'it has just begun' } as const;

const RENEW_MS = 30_000;
const EXPIRES_MS = 120_000;
/** `f_type` of a FUSE filesystem, as pmxcfs is one (linux/magic.h). */
const FUSE = 0x65735546;

/** Makes the folder, once more where the one that is there is nobody's any longer. */
async function acquire(folder: string, note: string): Promise<boolean> {
  await mkdir(folder.slice(0, folder.lastIndexOf('/')), { recursive: true });
  if (await make(folder)) return true;
  const holder = await readHolder(note);
  // This node's own lock is held by us already, so another run of this node is over.
  if (holder?.host === hostname()) await rmdir(folder).catch(ignore);
  else await removeExpired(folder);
  return make(folder);
}

async function make(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Only pmxcfs knows when a lock was last touched: asked with a time of 0 it removes one that expired. */
async function removeExpired(folder: string): Promise<void> {
  if ((await statfs(folder).catch(() => undefined))?.type === FUSE) {
    await utimes(folder, 0, 0).catch(ignore);
    return;
  }
  const touched = (await stat(folder).catch(() => undefined))?.mtimeMs ?? Infinity;
  if (Date.now() - touched > EXPIRES_MS) await rmdir(folder).catch(ignore);
}

async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(ignore);
}

async function writeNote(note: string, holder: Holder): Promise<void> {
  await mkdir(note.slice(0, note.lastIndexOf('/')), { recursive: true, mode: 0o700 });
  await replaceFile(note, `${JSON.stringify(holder)}\n`, 0o600);
}

/** Gives back what was taken and says why it was not enough. */
async function giveUp(error: unknown, release: () => Promise<void>): Promise<never> {
  await release().catch(ignore);
  throw unlockable(error);
}

async function readHolder(note: string): Promise<Holder | undefined> {
  try {
    const found = JSON.parse(await readFile(note, 'utf8')) as Partial<Holder> | null;
    const { pid, host, since, purpose } = found ?? {};
    if (typeof host !== 'string') return undefined;
    return { pid: Number(pid ?? 0), host, since: Number(since ?? 0), purpose: String(purpose ?? '?') };
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Without a quorum pmxcfs is read-only and says EACCES. */
function unlockable(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) return error;
  return new NodeUnreachable({
    code: 'node/no-quorum',
    severity: 'error',
    summary: "The cluster's lock cannot be taken",
    detail: `${error.message}. Without a quorum a cluster's configuration is read-only.`,
    remedy: 'See `pvecm status`.',
  });
}

function ignore(): void {}
