import { mkdir, readdir, rmdir, stat, writeFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mount } from '../../twin/host.ts';
import type { GuestId } from '../../model/target.ts';
import { mustRun, runCommand } from '../command.ts';
import { INSIDE } from '../layout.ts';

/**
 * Mounts a folder or file of the node where a container's root can reach it, whoever may look into
 * the folders above it, and gives that path. It stays for the container's own reboots.
 */
export async function stageSource(vmid: GuestId, mount: Mount, path: string): Promise<string> {
  const target = join(stagingFolder(vmid), mount.key);
  await mkdir(stagingFolder(vmid), { recursive: true, mode: 0o755 });
  if ((await stat(path)).isDirectory()) await mkdir(target);
  else await writeFile(target, '');
  await mustRun(['mount', '--rbind', path, target]);
  return target;
}

/** Takes down what an earlier start staged. Only empty mount points are removed. */
export async function unstage(vmid: GuestId): Promise<void> {
  const folder = stagingFolder(vmid);
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const target = join(folder, name);
    await runCommand(['umount', '--lazy', target]);
    await rmdir(target).catch(async () => {
      if ((await stat(target)).size === 0) await unlink(target);
    });
  }
}

function stagingFolder(vmid: GuestId): string {
  return join(INSIDE.root, 'staged', String(vmid));
}
