import { chmod, chown, lstat, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '../../twin/host.ts';
import { type IdRange, hostId } from './id-map.ts';

/** A container's root filesystem, seen from the node. No link in it is followed. */
export type GuestRoot = {
  readonly path: string;
  readonly idMap: readonly IdRange[];
};

/** The text of a file of the guest; undefined where no regular file stands there. */
export async function readGuestFile(root: GuestRoot, path: string): Promise<string | undefined> {
  const parent = await parentFolder(root, path, false);
  if (parent === undefined) return undefined;
  const found = await lstat(join(parent, nameOf(path))).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > LARGEST) return undefined;
  return readFile(join(parent, nameOf(path)), 'utf8');
}

/** Puts a file in the place of what stands there, owned by the guest's root. */
export async function writeGuestFile(
  root: GuestRoot,
  path: string,
  text: string,
  mode = 0o644,
): Promise<void> {
  const parent = await parentFolder(root, path, true);
  if (parent === undefined) throw new HostError(`no folder for '${path}' in the container`);
  const temporary = join(parent, `.${nameOf(path)}.pve-tmp`);
  await rm(temporary, { force: true });
  await writeFile(temporary, text, { mode, flag: 'wx' });
  await chmod(temporary, mode);
  await chown(temporary, hostId(root.idMap, 'u', 0), hostId(root.idMap, 'g', 0));
  await rename(temporary, join(parent, nameOf(path)));
}

export async function removeGuestFile(root: GuestRoot, path: string): Promise<void> {
  const parent = await parentFolder(root, path, false);
  if (parent !== undefined) await rm(join(parent, nameOf(path)), { force: true });
}

export async function linkInGuest(root: GuestRoot, path: string, target: string): Promise<void> {
  const parent = await parentFolder(root, path, true);
  if (parent === undefined) return;
  await rm(join(parent, nameOf(path)), { force: true });
  await symlink(target, join(parent, nameOf(path)));
}

/** Is there a folder, file or link of this name, with real folders above it? */
export async function existsInGuest(root: GuestRoot, path: string): Promise<boolean> {
  const parent = await parentFolder(root, path, false);
  if (parent === undefined) return false;
  return (await lstat(join(parent, nameOf(path))).catch(() => undefined)) !== undefined;
}

const LARGEST = 1024 ** 2;

/** The host's path of the folder above a guest's path; undefined where a part of it is no real folder. */
async function parentFolder(root: GuestRoot, path: string, mayMake: boolean): Promise<string | undefined> {
  let folder = root.path;
  for (const part of path.split('/').filter(Boolean).slice(0, -1)) {
    if (part === '..') return undefined;
    folder = join(folder, part);
    const found = await lstat(folder).catch(() => undefined);
    if (found === undefined && mayMake) {
      await mkdir(folder, { mode: 0o755 });
      await chown(folder, hostId(root.idMap, 'u', 0), hostId(root.idMap, 'g', 0));
    } else if (!found?.isDirectory()) {
      return undefined;
    }
  }
  return folder;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
