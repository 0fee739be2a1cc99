import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import type { MachineHotplug } from '../host.ts';
import { activate, type StorageConfig } from '../storage/config.ts';
import { locate } from '../storage/volumes.ts';
import type { MachineConfig } from './config.ts';
import { isCdrom, isCloudInit, parseDrive, type Drive } from './drives.ts';
import { hotplugFeatures } from './hotplug-setting.ts';
import { hostDrive } from './launch.ts';
import { machinesOf } from './machines.ts';
import { retireDrive } from './unused.ts';

/** Sub-keys of a disk that only count from the next start. */
const FIXED = ['aio', 'discard', 'iothread', 'queues', 'product', 'cache', 'ssd', 'vendor', 'ro'];

/** Plugs or changes a drive of a running VM; false where that waits for a restart. */
export async function plugDrive(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  storages: StorageConfig,
  key: string,
  value: string,
): Promise<boolean> {
  const drive = parseDrive(key, value);
  const hasHotplug = hotplugFeatures(config).has('disk');
  const before = config.head.keys.get(key);
  if (before !== undefined) {
    const old = parseDrive(key, before);
    if (isCdrom(old) !== isCdrom(drive)) throw new ToolError('unable to change media type');
    if (isCdrom(old)) return changeMedium(session, vmid, config, storages, old, drive, value);
    if (old.file === drive.file) return changeDisk(session, vmid, storages, old, drive, value);
    if (!hasHotplug) return false;
    await machinesOf(session).hotplug(vmid, { kind: 'unplug', key });
    await retireDrive(session, storages, vmid, config, old);
  }
  if (!hasHotplug || /^(ide|sata)/.test(key)) return false;
  if (!drive.file.startsWith('/')) await activate(session, storages, locate(storages, drive.file).storage.id);
  const scsihw = config.head.keys.get('scsihw') ?? 'lsi';
  const device = hostDrive(drive, storages);
  await machinesOf(session).hotplug(vmid, { kind: 'plug', key, value, drive: device, scsihw });
  return true;
}

async function changeDisk(
  session: Session,
  vmid: GuestId,
  storages: StorageConfig,
  old: Drive,
  drive: Drive,
  value: string,
): Promise<boolean> {
  if (FIXED.some((name) => old.fields.get(name) !== drive.fields.get(name))) return false;
  await machinesOf(session).hotplug(vmid, changeOf(drive, value, storages));
  return true;
}

async function changeMedium(
  session: Session,
  vmid: GuestId,
  config: MachineConfig,
  storages: StorageConfig,
  old: Drive,
  drive: Drive,
  value: string,
): Promise<boolean> {
  await machinesOf(session).hotplug(vmid, changeOf(drive, value, storages));
  if (drive.file === 'none' && isCloudInit(old)) await retireDrive(session, storages, vmid, config, old);
  return true;
}

/** A drive that goes on as another: its medium, its limits, its size. */
function changeOf(drive: Drive, value: string, storages: StorageConfig): MachineHotplug {
  return { kind: 'change', key: drive.key, value, drive: hostDrive(drive, storages) };
}
