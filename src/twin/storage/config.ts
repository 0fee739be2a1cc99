import { ToolError } from '../call/errors.ts';
import { byCode, splitList } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import type { StorageRef } from '../host.ts';
import { OPTIONS, PLUGINS, type StorageType } from './plugins.ts';

/** One storage of `storage.cfg`; its options as text, flags as `1`. */
export type Storage = { readonly id: string; readonly type: string; readonly options: Map<string, string> };

/** All storages in file order. */
export type StorageConfig = Map<string, Storage>;

const PATH = '/etc/pve/storage.cfg';

/** Reads `storage.cfg`; the storage `local` is there even where the file does not name it. */
export async function loadStorages(session: Session): Promise<StorageConfig> {
  const storages: StorageConfig = new Map();
  let current: Storage | undefined;
  for (const line of ((await session.host.files.read(PATH)) ?? '').split('\n')) {
    const header = /^([a-z]\w*):\s*(\S+)\s*$/i.exec(line);
    const option = /^\s+(\S+)(?:\s+(.*?))?\s*$/.exec(line);
    if (header?.[1] !== undefined && header[2] !== undefined) {
      current = { id: header[2], type: header[1].toLowerCase(), options: new Map() };
      storages.set(current.id, current);
    } else if (option?.[1] !== undefined && current !== undefined) {
      current.options.set(option[1], option[2] ?? '1');
    }
  }
  const local = storages.get('local');
  const path = local?.options.get('path') ?? LOCAL_PATH;
  if (local?.type !== 'dir' || path !== LOCAL_PATH) {
    const options = new Map([
      ['path', LOCAL_PATH],
      ['content', 'backup,images,iso,rootdir,snippets,vztmpl'],
      ['prune-backups', 'keep-all=1'],
    ]);
    storages.set('local', { id: 'local', type: 'dir', options });
  } else {
    local.options.set('path', path);
    local.options.delete('nodes');
  }
  return storages;
}

/** The storage `local` is this folder of every node, whatever the file says of it. */
const LOCAL_PATH = '/var/lib/vz';

/**
 * Writes `storage.cfg` in Proxmox's order of options: `disable`, what a type needs, the rest. A storage
 * that was read without its contents gets its type's usual ones, but for `fresh`, the one being added.
 */
export async function writeStorages(
  session: Session,
  storages: StorageConfig,
  fresh?: string,
): Promise<void> {
  const blocks = [...storages.values()].map((storage) => {
    if (storage.id !== fresh && !storage.options.has('content')) {
      storage.options.set('content', [...contentsOf(storage)].join(','));
    }
    const known = OPTIONS[storage.type];
    const isRequired = (key: string): boolean => known?.[key]?.isOptional === false;
    const keys = [...storage.options.keys()].filter((key) => key !== 'disable').toSorted(byCode);
    const ordered = [...keys.filter(isRequired), ...keys.filter((key) => !isRequired(key))];
    const disable = storage.options.get('disable') === '1' ? '\tdisable\n' : '';
    const lines = ordered.map((key) => `\t${key} ${storage.options.get(key)}\n`);
    return `${storage.type}: ${storage.id}\n${disable}${lines.join('')}\n`;
  });
  await session.host.files.write(PATH, blocks.join(''), 0o640);
}

/** A storage by its id; refuses an unknown one. */
export function findStorage(storages: StorageConfig, id: string): Storage {
  const storage = storages.get(id);
  if (storage === undefined) throw new ToolError(`storage '${id}' does not exist`);
  return storage;
}

/** A storage that this node may use; refuses one that is disabled or limited to other nodes. */
export function findEnabled(session: Session, storages: StorageConfig, id: string): Storage {
  const storage = findStorage(storages, id);
  if (storage.options.get('disable') === '1') throw new ToolError(`storage '${id}' is disabled`);
  if (!isOfNode(session, storage)) {
    throw new ToolError(`storage '${id}' is not available on node '${session.host.nodeName}'`);
  }
  return storage;
}

/** May this node use the storage, and is it not disabled? */
export function isEnabled(session: Session, storage: Storage): boolean {
  return storage.options.get('disable') !== '1' && isOfNode(session, storage);
}

function isOfNode(session: Session, storage: Storage): boolean {
  const nodes = splitList(storage.options.get('nodes') ?? '');
  return nodes.length === 0 || nodes.includes(session.host.nodeName);
}

/** What a storage may hold; its type's usual contents where it does not say. */
export function contentsOf(storage: Storage): ReadonlySet<string> {
  const text = storage.options.get('content');
  if (text === undefined) return new Set(pluginOf(storage).defaultContents);
  return new Set(splitList(text).filter((content) => content !== 'none'));
}

/** The storage as the host knows it: its folder, or its pool's name. */
export function refOf(storage: Storage): StorageRef {
  const { options } = storage;
  const path =
    options.get('path') ??
    options.get('pool') ??
    options.get('vgname') ??
    (options.has('server') ? `/mnt/pve/${storage.id}` : storage.id);
  return { id: storage.id, type: storage.type, path };
}

export function pluginOf(storage: Storage): StorageType {
  const plugin = PLUGINS[storage.type];
  if (plugin === undefined) throw new ToolError(`unknown section type '${storage.type}'`);
  return plugin;
}

/** Makes a storage ready for use: its folders are made, its mount point is checked for. */
export async function activate(session: Session, storages: StorageConfig, id: string): Promise<Storage> {
  const storage = findEnabled(session, storages, id);
  const folder = storage.options.get('path');
  if (folder !== undefined && (await session.host.files.stat(folder)) === undefined) {
    await makeBase(session, storage, folder);
  }
  session.errno = ENOTTY;
  return storage;
}

/** A storage's folder is made unless the storage says that something must be mounted there. */
async function makeBase(session: Session, storage: Storage, folder: string): Promise<void> {
  const parent = folder.slice(0, folder.lastIndexOf('/')) || '/';
  const isExpected = /^(1|on|yes|true|\/.*)$/i.test(storage.options.get('is_mountpoint') ?? '');
  if (isExpected && (await session.host.files.stat(parent)) !== undefined) {
    throw new ToolError(
      `unable to activate storage '${storage.id}' - directory is expected to be a mount point but is not mounted: '${folder}'`,
    );
  }
  const mayMake = storage.options.get('create-base-path') ?? storage.options.get('mkdir') ?? '1';
  if (mayMake === '0') {
    throw new ToolError(
      `unable to activate storage '${storage.id}' - directory '${folder}' does not exist or is unreachable`,
    );
  }
  await session.host.files.makeDirectory(folder);
}

/** Inappropriate ioctl for device: what opening a storage's files leaves behind. */
const ENOTTY = 25;
