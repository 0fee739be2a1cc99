import { contentsOf, findStorage, pluginOf, type Storage, type StorageConfig } from '../storage/config.ts';
import { locate } from '../storage/volumes.ts';
import { refuseParameter } from '../call/errors.ts';

/** The format of a new disk on a storage: the one asked for or the source's if the storage has it. */
export function diskFormat(
  storages: StorageConfig,
  storageId: string,
  wanted: { readonly format: string | undefined; readonly source?: string },
): string {
  const storage = findStorage(storages, storageId);
  const format =
    wanted.format ??
    (wanted.source === undefined ? undefined : locate(storages, wanted.source).parsed.format);
  return format !== undefined && formatsOf(storage).includes(format) ? format : defaultFormat(storage);
}

/** The format that a storage gives new disks. */
export function defaultFormat(storage: Storage): string {
  const set = storage.options.get('format');
  return set !== undefined && formatsOf(storage).includes(set) ? set : 'raw';
}

/** Refuses a storage that is not for VMs' disks. */
export function refuseWithoutImages(storage: Storage): void {
  if (contentsOf(storage).has('images')) return;
  throw refuseParameter('storage', `storage '${storage.id}' does not support vm images`);
}

/** Are the disks of a storage files in folders? */
export function hasFolders(storage: Storage): boolean {
  return pluginOf(storage).naming === 'files';
}

function formatsOf(storage: Storage): readonly string[] {
  return hasFolders(storage) && storage.type !== 'btrfs' ? ['raw', 'qcow2', 'vmdk'] : ['raw'];
}
