import { isComplaint, messageOf, type Session } from '../call/session.ts';
import { pluginOf, type StorageConfig } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { locate, sizeOfVolume } from '../storage/volumes.ts';
import type { GuestVolume } from './volumes.ts';

/**
 * Sets the size of a mounted volume to what its storage says: none for a volume that is not there.
 * A name that the storage cannot read leaves the size as it was given. Both are only complained about.
 */
export async function lookUpSize(
  session: Session,
  storages: StorageConfig,
  mount: GuestVolume,
): Promise<void> {
  try {
    const { storage, name } = locate(storages, mount.volume);
    const found = await sizeOfVolume(session, storages, mount.volume);
    mount.sizeBytes = found?.sizeBytes;
    if (found === undefined && pluginOf(storage).naming === 'files') {
      session.warn(`failed to stat '${pathOf(storage, name)}'`);
    }
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(`Could not rescan volume size - ${messageOf(error)}\n`);
  }
}
