import type { GuestId } from '../../model/target.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import { allocateRoot } from '../storage/allocate-root.ts';
import { freeVolume, locate } from '../storage/volumes.ts';
import type { Config, Section } from './config.ts';
import { mountsOf, NEW_VOLUME, printVolume, unusedOf } from './volumes.ts';

/**
 * Allocates what the mount points of `wanted` ask for and writes all of them into `target`. Gives the
 * new volumes' ids; where one fails, those made before it are freed again.
 */
export async function createDisks(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  wanted: Section,
  target: Section,
  owner: Section,
): Promise<string[]> {
  const made: string[] = [];
  try {
    for (const mount of mountsOf(wanted)) {
      const asked = NEW_VOLUME.exec(mount.volume);
      if (asked?.[1] !== undefined && asked[2] !== undefined) {
        const sizeBytes = Math.trunc(Number(asked[2]) * 1024) * 1024 * 1024;
        const rootId = owner.keys.get('unprivileged') === '1' ? 100_000 : 0;
        mount.volume = await allocateRoot(session, storages, asked[1], { vmid, sizeBytes, rootId });
        mount.sizeBytes = sizeBytes;
        made.push(mount.volume);
      }
      target.keys.set(mount.key, printVolume(mount));
    }
  } catch (error) {
    if (isComplaint(error)) await destroyDisks(session, storages, made);
    throw error;
  }
  return made;
}

/** Frees volumes; what cannot be freed is complained about. */
export async function destroyDisks(
  session: Session,
  storages: StorageConfig,
  volumes: readonly string[],
): Promise<void> {
  for (const volume of volumes) await complainOnly(session, () => freeVolume(session, storages, volume));
}

/** Frees all volumes of a container that are its own: mounted, unused and pending ones. */
export async function freeAll(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  config: Config,
): Promise<void> {
  const seen = new Set<string>();
  for (const section of [config.head, config.pending]) {
    for (const mount of [...mountsOf(section), ...unusedOf(section)]) {
      if (seen.has(mount.volume)) continue;
      seen.add(mount.volume);
      await freeOwn(session, storages, vmid, mount.volume);
    }
  }
}

/** Frees a volume if it is this guest's own; paths of the host are left alone. */
export async function freeOwn(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  volume: string,
): Promise<void> {
  if (volume.startsWith('/')) return;
  if (locate(storages, volume).parsed.vmid === vmid) await freeVolume(session, storages, volume);
  else session.warn(`ignore deletion of '${volume}', CT ${vmid} isn't the owner!`);
}

/** Runs code whose failure is only complained about. */
export async function complainOnly(session: Session, code: () => Promise<void>): Promise<void> {
  try {
    await code();
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.warn(messageOf(error));
  }
}
