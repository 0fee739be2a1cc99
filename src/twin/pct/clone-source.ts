import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import type { Section } from '../container/config.ts';
import { completeNic, newMac, printNic } from '../container/nics.ts';
import { parseVolume, splitVolumeId, type GuestVolume } from '../container/volumes.ts';
import { findStorage, type StorageConfig } from '../storage/config.ts';
import { locate, volumeHas } from '../storage/volumes.ts';

/** How volumes are to be cloned: in full to a storage, or linked. */
export type CloneKind = {
  readonly storages: StorageConfig;
  readonly storage: string | undefined;
  readonly isFull: boolean;
  readonly snapshot: string | undefined;
};

/** The mount points that a clone copies; refuses those that cannot be cloned this way. */
export function checkMounts(section: Section, job: CloneKind, running: boolean): GuestVolume[] {
  const keys = [...section.keys.keys()].filter((key) => key === 'rootfs' || /^mp\d+$/.test(key)).toSorted();
  return keys.map((key) => {
    const mount = parseVolume(key, section.keys.get(key) ?? '');
    if (mount.kind !== 'volume')
      throw new ToolError(`unable to clone mountpoint '${key}' (type ${mount.kind})`);
    const split = splitVolumeId(mount.volume);
    if (split === undefined) throw new ToolError(`unable to parse volume ID '${mount.volume}'`);
    findStorage(job.storages, job.storage ?? split.storage);
    if (job.isFull && running && job.snapshot === undefined) {
      throw new ToolError('Cannot do full clones on a running container without snapshots');
    }
    if (!job.isFull && !volumeHas(locate(job.storages, mount.volume), 'clone', job.snapshot)) {
      throw new ToolError(`Linked clone feature for '${mount.volume}' is not available`);
    }
    return mount;
  });
}

/** A clone's settings: the source's, with new MACs and without what belongs to the source alone. */
export async function copySettings(session: Session, section: Section): Promise<Section> {
  const keys = new Map<string, string>();
  for (const [key, value] of section.keys) {
    if (/^(unused\d+|rootfs|mp\d+|parent|snaptime|snapstate|template)$/.test(key)) continue;
    if (/^net\d+$/.test(key)) {
      const nic = await completeNic(session, value);
      nic.set('hwaddr', await newMac(session));
      keys.set(key, printNic(nic));
    } else keys.set(key, value);
  }
  return { keys, raw: [...section.raw] };
}
