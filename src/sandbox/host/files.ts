import { chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FileStat, HostError, type HostFiles } from '../../twin/host.ts';

/** Real files of the sandbox, whose mount namespace this process is in. */
export function hostFiles(): HostFiles {
  return {
    read: (path) => orUndefined(readFile(path, 'utf8')),
    write,
    remove: async (path) => {
      await guarded(rm(path, { force: true }));
    },
    rename: (from, to) => guarded(rename(from, to)),
    list: async (path) => ((await orUndefined(readdir(path))) ?? []).toSorted(),
    stat: async (path) => {
      const found = await orUndefined(stat(path));
      return found && toFileStat(found);
    },
    makeDirectory: async (path) => {
      await guarded(mkdir(path, { recursive: true }));
    },
  };
}

async function write(path: string, text: string, mode?: number): Promise<void> {
  await guarded(mkdir(dirname(path), { recursive: true }));
  const temporary = join(dirname(path), `.${path.slice(path.lastIndexOf('/') + 1)}.tmp.${Date.now()}`);
  await guarded(writeFile(temporary, text, { mode: mode ?? 0o640 }));
  if (mode !== undefined) await guarded(chmod(temporary, mode));
  await guarded(rename(temporary, path));
}

function toFileStat(found: Awaited<ReturnType<typeof stat>>): FileStat {
  const type = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isCharacterDevice()
        ? 'character'
        : found.isBlockDevice()
          ? 'block'
          : 'other';
  return {
    type,
    size: Number(found.size),
    uid: Number(found.uid),
    gid: Number(found.gid),
    mode: Number(found.mode) & 0o7777,
    modifiedMs: Number(found.mtimeMs),
  };
}

async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw asHostError(error);
  }
}

async function guarded<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw asHostError(error);
  }
}

function asHostError(error: unknown): HostError {
  return new HostError(error instanceof Error ? error.message : String(error));
}
