import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Is this machine a Proxmox VE host? It is where `pct` stands in its place and the cluster's own
 * filesystem is mounted at `/etc/pve`; a sandbox has neither. Starts no process. `root` is for tests.
 */
export async function isProxmoxHost(root = '/'): Promise<boolean> {
  try {
    await access(join(root, 'usr/bin/pct'));
    const mounts = await readFile(join(root, 'proc/self/mounts'), 'utf8');
    return mounts.split('\n').some((line) => {
      const [, place, type] = line.split(' ');
      return place === '/etc/pve' && type?.startsWith('fuse') === true;
    });
  } catch {
    return false;
  }
}
