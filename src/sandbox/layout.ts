import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Where a sandbox keeps its things, all below one folder. */
export type Layout = {
  /** Absolute path of the sandbox's folder. */
  readonly folder: string;
  /** Tells this sandbox's cgroups from another's: eight hex digits of its folder's path. */
  readonly id: string;
  /** Marks the folder as a sandbox's, and says what runs; JSON. */
  readonly state: string;
  readonly lock: string;
  /** The btrfs file that holds everything the node writes. */
  readonly disk: string;
  /** An empty folder that the holder mounts on, seen in its namespace alone. */
  readonly mount: string;
  readonly log: string;
  /** Archives of templates, kept when a sandbox is made anew. */
  readonly cache: string;
  /** Fresh sandboxes of `rehearse`. */
  readonly rehearsals: string;
  /** Name of the control group, at the top of each hierarchy. */
  readonly cgroup: string;
};

/** The layout of the sandbox in a folder. */
export function sandboxLayout(dataFolder: string, cacheFolder?: string): Layout {
  const folder = resolve(dataFolder);
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  return {
    folder,
    id,
    state: join(folder, 'sandbox.json'),
    lock: join(folder, 'lock'),
    disk: join(folder, 'disk.img'),
    mount: join(folder, 'mount'),
    log: join(folder, 'log'),
    cache: cacheFolder === undefined ? join(folder, 'cache') : resolve(cacheFolder),
    rehearsals: join(folder, 'rehearsals'),
    cgroup: `phoenix-${id}`,
  };
}

/** The folder of the sandbox: `$PHOENIX_SANDBOX`, or `phoenix/sandbox` below the user's data folder. */
export function sandboxFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env['PHOENIX_SANDBOX']) return resolve(env['PHOENIX_SANDBOX']);
  const data = env['XDG_DATA_HOME'] || join(env['HOME'] || '/root', '.local/share');
  return resolve(data, 'phoenix/sandbox');
}

/** Paths as processes inside a sandbox see them. */
export const INSIDE = {
  root: '/run/phoenix-sandbox',
  /** The disk's own root. */
  disk: '/run/phoenix-sandbox/disk',
  volumes: '/run/phoenix-sandbox/disk/volumes',
  bases: '/run/phoenix-sandbox/disk/bases',
  cache: '/run/phoenix-sandbox/cache',
  /** What the tools must know of their sandbox; JSON. */
  settings: '/run/phoenix-sandbox/settings.json',
} as const;
