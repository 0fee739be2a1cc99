import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { splitList } from '../call/lists.ts';
import { isComplaint, messageOf, withLock, type Session } from '../call/session.ts';
import { createHash } from 'node:crypto';
import { ENOENT } from '../container/config.ts';
import { refuseModified } from '../container/digest.ts';
import {
  activate,
  findStorage,
  isEnabled,
  loadStorages,
  pluginOf,
  writeStorages,
  type Storage,
  type StorageConfig,
} from '../storage/config.ts';
import { OPTIONS } from '../storage/plugins.ts';

/** `pvesm add`: checked, tried out, then written. */
export const add: Command = {
  run: async (session, parameters) => {
    const [type, id] = [parameters.demand('type'), parameters.demand('storage')];
    const options = checkOptions(session, type, parameters.except(['type', 'storage']));
    for (const [key, option] of Object.entries(OPTIONS[type] ?? {})) {
      if (!option.isOptional && !options.has(key)) {
        throw new ToolError(`missing value for required option '${key}'`);
      }
    }
    refusePath(type, options);
    await change(
      session,
      'create storage failed',
      async (storages) => {
        if (storages.has(id)) throw new ToolError(`storage ID '${id}' already defined`);
        const storage = { id, type, options };
        storages.set(id, storage);
        warnOfMkdir(session, storage);
        if (isEnabled(session, storage)) await tryOut(session, storages, storage);
      },
      id,
    );
  },
};

/** `pvesm set`: options change or go; what is fixed stays. */
export const set: Command = {
  run: async (session, parameters) => {
    const id = parameters.demand('storage');
    await change(session, 'update storage failed', async (storages) => {
      await checkDigest(session, parameters);
      const storage = findStorage(storages, id);
      const options = checkOptions(session, storage.type, parameters.except(['storage', 'delete', 'digest']));
      for (const key of options.keys()) {
        const known = OPTIONS[storage.type]?.[key];
        if (known?.isFixed === true) throw new ToolError(`can't change value of fixed parameter '${key}'`);
      }
      for (const key of splitList(parameters.text('delete') ?? '')) {
        refuseDelete(storage, options, key);
        storage.options.delete(key);
      }
      for (const [key, value] of options) storage.options.set(key, value);
      warnOfMkdir(session, storage);
    });
  },
};

/** `pvesm remove`: only the entry goes, never what is on the storage. */
export const remove: Command = {
  run: async (session, parameters) => {
    const id = parameters.demand('storage');
    await change(session, 'delete storage failed', async (storages) => {
      findStorage(storages, id);
      const isBase = [...storages.values()].some((other) => other.options.get('base')?.startsWith(`${id}:`));
      if (isBase) throw new ToolError("can't remove storage - storage is used as base of another storage");
      storages.delete(id);
    });
  },
};

async function change(
  session: Session,
  what: string,
  code: (storages: StorageConfig) => Promise<void>,
  fresh?: string,
): Promise<void> {
  try {
    await withLock(session, '/etc/pve/priv/lock/file-storage_cfg', 10_000, async () => {
      const storages = await loadStorages(session);
      await code(storages);
      session.errno = 0;
      await writeStorages(session, storages, fresh);
    });
  } catch (error) {
    if (!isComplaint(error)) throw error;
    throw new ToolError(
      `${what}: ${messageOf(error)}`,
      error instanceof ToolError ? error.exitCode : undefined,
    );
  }
}

function checkOptions(
  session: Session,
  type: string,
  given: ReadonlyMap<string, string>,
): Map<string, string> {
  const known = OPTIONS[type];
  if (known === undefined) throw new ToolError(`storage type '${type}' is not available on this node`);
  const options = new Map<string, string>();
  for (const [key, value] of given) {
    if (known[key] === undefined) throw new ToolError(`unexpected property '${key}'`);
    if (key === 'nodes' && value === '') continue;
    options.set(key, key === 'content' ? checkContent(session, type, value) : value);
  }
  return options;
}

function checkContent(session: Session, type: string, value: string): string {
  const valid = pluginOf({ id: '', type, options: new Map() }).contents;
  const contents = new Set<string>();
  for (const content of splitList(value)) {
    if (valid.includes(content)) contents.add(content);
    else session.warn(`storage does not support content type '${content}'`);
  }
  if (contents.has('none') && contents.size > 1) {
    throw new ToolError("unable to combine 'none' with other content types");
  }
  if (contents.size === 0 && !valid.includes('none')) {
    throw new ToolError("storage does not support content type 'none'");
  }
  return contents.size === 0 ? 'none' : [...contents].join(',');
}

/** Folders of storages are plain and stand without a slash at their end. */
function refusePath(type: string, options: Map<string, string>): void {
  const path = options.get('path');
  if (path === undefined || (type !== 'dir' && type !== 'btrfs')) return;
  if (!/^\/[-/a-zA-Z0-9_.@]+$/.test(path)) {
    throw new ToolError(`illegal path for directory storage: ${path}`);
  }
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  options.set('path', `/${steps.join('/')}`);
}

function warnOfMkdir(session: Session, storage: Storage): void {
  if (!storage.options.has('mkdir')) return;
  session.warn(
    `NOTE: The 'mkdir' option set for '${storage.id}' is deprecated and will be removed in Proxmox VE 9. ` +
      "Use 'create-base-path' or 'create-subdirs' instead.",
  );
}

function refuseDelete(storage: Storage, options: ReadonlyMap<string, string>, key: string): void {
  const known = OPTIONS[storage.type]?.[key];
  if (known === undefined) throw new ToolError(`no such option '${key}'`);
  if (!known.isOptional) throw new ToolError(`unable to delete required option '${key}'`);
  if (known.isFixed) throw new ToolError(`unable to delete fixed option '${key}'`);
  if (options.has(key)) throw new ToolError(`cannot set and delete property '${key}' at the same time!`);
}

/** A new storage is activated once, so that it fails here and not at its first use. */
async function tryOut(session: Session, storages: StorageConfig, storage: Storage): Promise<void> {
  if (pluginOf(storage).isRemote) throw new ToolError(`storage '${storage.id}' is not online`, 1);
  const pool = storage.options.get('pool')?.split('/')[0];
  if (
    storage.type === 'zfspool' &&
    pool !== undefined &&
    (await session.host.files.stat(`/${pool}`)) === undefined
  ) {
    await refusePool(session, storage.id, pool);
  }
  await activate(session, storages, storage.id);
}

async function refusePool(session: Session, id: string, pool: string): Promise<never> {
  session.errno = ENOENT;
  const begin = `could not activate storage '${id}', zfs error: `;
  if ((await session.host.files.stat('/sbin/zpool')) !== undefined) {
    throw new ToolError(`${begin}cannot import '${pool}': no such pool available`);
  }
  const missing = (command: string): string =>
    `open3: exec of ${command} ${pool} failed: No such file or directory at /usr/share/perl5/PVE/Tools.pm line 500.`;
  for (let attempt = 0; attempt < 2; attempt++)
    session.warn(`zfs error: ${missing('zpool list -o name -H')}\n`);
  throw new ToolError(`${begin}${missing('zpool import -d /dev/disk/by-id/ -o cachefile=none')}\n`);
}

async function checkDigest(session: Session, parameters: Parameters): Promise<void> {
  const text = (await session.host.files.read('/etc/pve/storage.cfg')) ?? '';
  refuseModified(parameters.text('digest'), createHash('sha1').update(text).digest('hex'));
}
