import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { activate, type StorageConfig } from '../storage/config.ts';
import { locate, sizeOfVolume } from '../storage/volumes.ts';
import type { Section } from './config.ts';
import { mountsOf } from './volumes.ts';

/** Makes a section's volumes ready with their storages; refuses one that is not there. */
export async function activateVolumes(
  session: Session,
  storages: StorageConfig,
  section: Section,
): Promise<void> {
  for (const mount of mountsOf(section)) {
    if (mount.kind !== 'volume') continue;
    await activate(session, storages, locate(storages, mount.volume).storage.id);
    if ((await sizeOfVolume(session, storages, mount.volume)) === undefined) {
      throw new ToolError(`volume '${mount.volume}' does not exist`);
    }
  }
}
