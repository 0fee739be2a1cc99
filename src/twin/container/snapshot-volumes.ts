import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { pluginOf, refOf, activate, type StorageConfig } from '../storage/config.ts';
import { locate, refOfVolume, volumeHas, type Located } from '../storage/volumes.ts';
import type { Section } from './config.ts';
import { mountsOf, type GuestVolume } from './volumes.ts';

/** Can all mount points of a section be snapshotted? Folders and devices of the host never can. */
export function canSnapshot(section: Section, storages: StorageConfig): boolean {
  return mountsOf(section).every(
    (mount) => mount.kind === 'volume' && volumeHas(locate(storages, mount.volume), 'snapshot'),
  );
}

/** Makes the storages of a section's volumes ready. */
export async function activateAll(
  session: Session,
  storages: StorageConfig,
  section: Section,
): Promise<void> {
  for (const mount of mountsOf(section)) {
    if (mount.kind === 'volume') await activate(session, storages, locate(storages, mount.volume).storage.id);
  }
}

/** Refuses a rollback past newer snapshots where the storage keeps them in one line (ZFS). */
export async function refuseImpossibleRollback(
  session: Session,
  storages: StorageConfig,
  section: Section,
  snapshot: string,
): Promise<void> {
  for (const mount of mountsOf(section)) {
    const { storage, name } = locate(storages, mount.volume);
    if (pluginOf(storage).naming !== 'zfs') continue;
    const found = await session.host.volumes.find({ storage: refOf(storage), name });
    if (found === undefined)
      throw new ToolError(`can't rollback, no snapshots exist at all on '${mount.volume}'`);
    if (!found.snapshots.includes(snapshot)) {
      throw new ToolError(`can't rollback, snapshot '${snapshot}' does not exist on '${mount.volume}'`);
    }
    if (found.snapshots.at(-1) !== snapshot) {
      throw new ToolError(`can't rollback, '${snapshot}' is not most recent snapshot on '${mount.volume}'`);
    }
  }
}

/** Takes, goes back to or deletes the snapshot of each volume of a section. */
export async function eachVolume(
  session: Session,
  storages: StorageConfig,
  section: Section,
  what: 'snapshot' | 'rollback' | 'deleteSnapshot',
  name: string,
  onDone?: (mount: GuestVolume) => void,
): Promise<void> {
  for (const mount of mountsOf(section)) {
    const located = locate(storages, mount.volume);
    refuseFormat(located, what);
    await session.host.volumes[what](refOfVolume(located), name);
    onDone?.(mount);
  }
}

/** Of files only qcow2 images keep snapshots, and anything on btrfs. */
function refuseFormat({ storage, parsed }: Located, what: 'snapshot' | 'rollback' | 'deleteSnapshot'): void {
  const isPlain = pluginOf(storage).naming === 'files' && storage.type !== 'btrfs';
  if (isPlain && parsed.format !== 'qcow2') throw new ToolError(REFUSALS[what]);
}

const REFUSALS = {
  snapshot: "can't snapshot this image format",
  rollback: "can't rollback snapshot this image format",
  deleteSnapshot: "can't delete snapshot for this image format",
} as const;
