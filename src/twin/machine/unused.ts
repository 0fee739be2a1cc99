import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { complainOnly } from '../container/disks.ts';
import { addUnused } from '../container/volumes.ts';
import type { StorageConfig } from '../storage/config.ts';
import { freeVolume, locate } from '../storage/volumes.ts';
import type { MachineConfig } from './config.ts';
import { isAttached, isCdrom, isCloudInit, isPlainCdrom, type Drive } from './drives.ts';

/** What becomes of a drive that a VM no longer has: its disk is kept as unused, a Cloud-Init drive is freed. */
export async function retireDrive(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  config: MachineConfig,
  drive: Drive,
): Promise<void> {
  if (isCloudInit(drive)) {
    await complainOnly(session, () => freeVolume(session, storages, drive.file));
    config.cloudInit.keys.clear();
  } else if (!isCdrom(drive) && isOwner(storages, vmid, drive.file)) addUnused(config.head, drive.file);
}

/** Detaches a drive; with `force` its volume is freed. */
export async function detachDrive(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  config: MachineConfig,
  drive: Drive,
  force: boolean,
): Promise<void> {
  if (force) await freeDrive(session, storages, vmid, config, drive);
  else await retireDrive(session, storages, vmid, config, drive);
}

/** Frees a drive's volume if it is the VM's own; refuses one that is still in use. */
export async function freeDrive(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  config: MachineConfig,
  drive: Drive,
): Promise<void> {
  if (isPlainCdrom(drive) || !isOwner(storages, vmid, drive.file)) return;
  const sections = [...config.snapshots.values()];
  const isUsed =
    isAttached(config.head, drive.file, drive.key) ||
    sections.some((section) => isAttached(section, drive.file));
  if (isUsed) throw new ToolError(`unable to delete '${drive.file}' - volume is still in use (snapshot?)`);
  await freeVolume(session, storages, drive.file);
}

/** Is a volume this VM's own? Paths of the host and what cannot be a volume are nobody's. */
export function isOwner(storages: StorageConfig, vmid: GuestId, volume: string): boolean {
  if (volume.startsWith('/')) return false;
  try {
    return locate(storages, volume).parsed.vmid === vmid;
  } catch {
    return false;
  }
}
