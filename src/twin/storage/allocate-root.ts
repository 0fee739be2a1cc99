import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { contentsOf, findStorage, pluginOf, type StorageConfig } from './config.ts';
import { printFilesystem } from './reports.ts';
import { allocateVolume, locate, refOfVolume } from './volumes.ts';

/** Allocates a container's volume of a size and puts a filesystem on it; gives its id. */
export async function allocateRoot(
  session: Session,
  storages: StorageConfig,
  storageId: string,
  shape: { readonly vmid: number; readonly sizeBytes: number; readonly rootId: number },
): Promise<string> {
  const storage = findStorage(storages, storageId);
  const { naming } = pluginOf(storage);
  if (naming !== 'zfs' && !contentsOf(storage).has('rootdir')) {
    throw new ToolError(`content type 'rootdir' is not available or configured on storage '${storageId}'`);
  }
  const format = naming === 'zfs' || (naming === 'files' && shape.sizeBytes === 0) ? 'subvol' : 'raw';
  const volume = await allocateVolume(session, storages, storageId, { ...shape, format });
  const ref = refOfVolume(locate(storages, volume));
  try {
    await session.host.volumes.makeFilesystem(ref, shape.rootId);
  } catch (error) {
    await session.host.volumes.free(ref);
    throw error;
  }
  if (format === 'raw') printFilesystem(session, shape.sizeBytes);
  return volume;
}
