import type { FileStat, HostFiles } from '../host.ts';
import type { World, WorldFile } from '../world.ts';

/** The host's files in memory. Folders are indexed, so that listing one costs what is in it. */
export function createFiles(world: World): HostFiles {
  const children = indexFolders(world);
  const put = (path: string, file: WorldFile): void => {
    if (world.files[path] === undefined) note(children, path);
    world.files[path] = { ...file, modifiedMs: world.clock };
  };
  const makeDirectory = (path: string): void => {
    if (world.files[path] !== undefined) return;
    for (const folder of ancestors(`${path}/.`)) {
      if (world.files[folder] === undefined) put(folder, { type: 'directory' });
    }
  };
  const drop = (path: string): void => {
    if (world.files[path] === undefined) return;
    delete world.files[path];
    children.get(parentOf(path))?.delete(nameOf(path));
  };
  const at = (path: string): string => canonicalPath(world, path);
  return {
    read: async (path) => {
      const file = world.files[at(path)];
      return file?.type === 'file' ? (file.text ?? '') : undefined;
    },
    write: async (path, text, mode) => {
      const target = at(path);
      makeDirectory(parentOf(target));
      put(target, { type: 'file', text, mode: mode ?? world.files[target]?.mode ?? 0o644 });
    },
    remove: async (path) => drop(at(path)),
    rename: async (from, to) => {
      const file = world.files[at(from)];
      if (file === undefined) return;
      drop(at(from));
      put(at(to), file);
    },
    list: async (path) => [...(children.get(at(path)) ?? [])].toSorted(),
    stat: async (path) => {
      const file = world.files[at(path)];
      return file === undefined ? undefined : toStat(file);
    },
    makeDirectory: async (path) => makeDirectory(at(path)),
  };
}

/** A path without doubled slashes, and with pmxcfs's links into the node's own folder followed. */
export function canonicalPath(world: World, path: string): string {
  const isClean = !path.includes('//') && !path.endsWith('/');
  if (isClean && !path.startsWith('/etc/pve/l') && !path.startsWith('/etc/pve/q')) return path;
  const clean = path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  const own = /^\/etc\/pve\/(?:local\/)?(lxc|qemu-server)(\/.*)?$/.exec(clean);
  if (own) return `/etc/pve/nodes/${world.nodeName}/${own[1]}${own[2] ?? ''}`;
  return clean.replace(/^\/etc\/pve\/local(?=\/|$)/, `/etc/pve/nodes/${world.nodeName}`);
}

type Index = Map<string, Set<string>>;

function indexFolders(world: World): Index {
  const children: Index = new Map();
  for (const path of Object.keys(world.files)) {
    for (const folder of ancestors(path)) {
      if (folder !== '/') note(children, folder);
    }
    note(children, path);
  }
  return children;
}

function note(children: Index, path: string): void {
  if (path === '/') return;
  const parent = parentOf(path);
  const names = children.get(parent);
  if (names === undefined) children.set(parent, new Set([nameOf(path)]));
  else names.add(nameOf(path));
}

function ancestors(path: string): string[] {
  const folders = ['/'];
  for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) {
    folders.push(path.slice(0, end));
  }
  return folders;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function toStat(file: WorldFile): FileStat {
  return {
    type: file.type,
    size: file.size ?? new TextEncoder().encode(file.text ?? '').length,
    uid: file.uid ?? 0,
    gid: file.gid ?? 0,
    mode: file.mode ?? (file.type === 'directory' ? 0o755 : 0o644),
    modifiedMs: file.modifiedMs ?? 0,
  };
}
