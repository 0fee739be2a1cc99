import type { GuestId } from '../../../model/target.ts';
import { HostError, type MachineDrive, type MachineHotplug, type MachineNic } from '../../../twin/host.ts';
import { readRecord } from '../volume-store.ts';
import { driveDevice, driveId, driveOption, scsiController, slotOf } from './drives.ts';
import { changeMedium } from './medium.ts';
import { joinBridge, needBridge, nicBackend, nicDevice } from './nics.ts';
import { monitor, qmp } from './qmp.ts';
import { setLink } from './start.ts';

/** Changes a running VM. Rejects with what QEMU said, or where the sandbox has no such thing. */
export async function hotplugMachine(vmid: GuestId, change: MachineHotplug): Promise<void> {
  const { key } = change;
  if (/^(ide|sata|scsi|virtio)\d+$/.test(key)) return hotplugDrive(vmid, change);
  if (/^net\d+$/.test(key)) return hotplugNic(vmid, change);
  if (key === 'balloon') return setBalloon(vmid, change);
  // Shares of the processor and the tablet are written down only, like a container's rate limits.
  if (/^(agent|cpulimit|cpuunits|tablet)$/.test(key)) return;
  throw new HostError(`the sandbox can't change '${key}' of a running VM`);
}

async function hotplugDrive(vmid: GuestId, change: MachineHotplug): Promise<void> {
  const { key } = change;
  if (change.kind === 'unplug') {
    await unplugDevice(vmid, key);
    // With the device QEMU mostly lets go of what was behind it.
    await monitor(vmid, `drive_del ${driveId(key)}`).catch(ignoreMissing);
    return;
  }
  const { drive } = change;
  if (drive === undefined) throw new HostError(`nothing is known of drive '${key}'`);
  if (change.kind === 'plug') return plugDrive(vmid, drive, change.scsihw ?? 'lsi');
  await (drive.isCdrom ? changeMedium(vmid, drive) : growDrive(vmid, drive));
}

async function plugDrive(vmid: GuestId, drive: MachineDrive, scsihw: string): Promise<void> {
  const { bus, number } = slotOf(drive.key);
  if (bus === 'scsi' && scsihw === 'virtio-scsi-single') {
    await plugDevice(vmid, scsiController(scsihw, number)).catch(ignoreDuplicate);
  }
  await monitor(vmid, `drive_add auto "${driveOption(drive)}"`);
  try {
    await plugDevice(vmid, driveDevice(drive, { isQ35: false, scsihw }, undefined));
  } catch (error) {
    await monitor(vmid, `drive_del ${driveId(drive.key)}`).catch(() => undefined);
    throw error;
  }
}

/** The volume's own size is what it was resized to before. */
async function growDrive(vmid: GuestId, { key, medium }: MachineDrive): Promise<void> {
  if (medium.kind !== 'volume') return;
  const size = (await readRecord(medium.volume))?.sizeBytes;
  if (size === undefined) throw new HostError(`volume '${medium.volume.name}' does not exist`);
  await qmp(vmid, [{ execute: 'block_resize', arguments: { device: driveId(key), size } }]);
}

async function hotplugNic(vmid: GuestId, change: MachineHotplug): Promise<void> {
  if (change.kind === 'unplug') {
    await unplugDevice(vmid, change.key);
    await qmp(vmid, [{ execute: 'netdev_del', arguments: { id: `${change.key}-host` } }]);
    return;
  }
  const { nic } = change;
  if (nic === undefined) throw new HostError(`nothing is known of NIC '${change.key}'`);
  await needBridge(nic);
  if (change.kind === 'plug') await plugNic(vmid, nic);
  await joinBridge(nic);
  await setLink(vmid, nic.index, nic.fields['link_down'] !== '1');
}

async function plugNic(vmid: GuestId, nic: MachineNic): Promise<void> {
  await qmp(vmid, [{ execute: 'netdev_add', arguments: wordsOf(nicBackend(nic), 'type') }]);
  await plugDevice(vmid, nicDevice(nic));
}

async function setBalloon(vmid: GuestId, change: MachineHotplug): Promise<void> {
  if (change.kind === 'unplug') return;
  const value = Number(change.value) * 1024 ** 2;
  await qmp(vmid, [{ execute: 'balloon', arguments: { value } }]);
}

async function plugDevice(vmid: GuestId, option: string): Promise<void> {
  await monitor(vmid, `device_add ${option}`);
}

/** A guest has to let go of a device; one that has not started yet does not. */
async function unplugDevice(vmid: GuestId, id: string): Promise<void> {
  const until = { event: 'DEVICE_DELETED', device: id };
  await qmp(vmid, [{ execute: 'device_del', arguments: { id }, until }]);
}

/** QEMU's `a,b=c` as the object that its protocol wants, `a` under a name. */
function wordsOf(option: string, first: string): Record<string, string> {
  const pairs = option.split(',').map((word) => {
    const end = word.indexOf('=');
    return end === -1 ? [first, word] : [word.slice(0, end), word.slice(end + 1)];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error) || !error.message.includes('not found')) throw error;
}

function ignoreDuplicate(error: unknown): void {
  if (!(error instanceof Error) || !/[Dd]uplicate/.test(error.message)) throw error;
}
