import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, type Session } from '../call/session.ts';
import type { StorageConfig } from '../storage/config.ts';
import { allocateRoot } from '../storage/allocate-root.ts';
import { printCopy } from '../storage/reports.ts';
import { freeVolume, locate, refOfVolume, sizeOfVolume } from '../storage/volumes.ts';
import type { GuestVolume } from './volumes.ts';

/** Copies a mount point's volume (or a snapshot of it) to a new one of a container; gives its id. */
export async function copyVolume(
  session: Session,
  storages: StorageConfig,
  mount: GuestVolume,
  target: { readonly vmid: GuestId; readonly storage: string; readonly rootId: number },
  snapshot: string | undefined,
): Promise<string> {
  if (mount.kind !== 'volume') throw new ToolError(`cannot copy volumes of type ${mount.kind}`);
  const found = await sizeOfVolume(session, storages, mount.volume);
  if (found === undefined) throw new ToolError(`volume '${mount.volume}' does not exist`);
  mount.sizeBytes = found.sizeBytes;
  const { vmid, rootId } = target;
  const volume = await allocateRoot(session, storages, target.storage, {
    vmid,
    sizeBytes: found.sizeBytes,
    rootId,
  });
  try {
    const [source, copy] = [locate(storages, mount.volume), locate(storages, volume)];
    printCopy(session, await session.host.volumes.copy(refOfVolume(source), snapshot, refOfVolume(copy)));
  } catch (error) {
    if (isComplaint(error)) await freeVolume(session, storages, volume);
    throw error;
  }
  return volume;
}
