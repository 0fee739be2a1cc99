import { chmod, chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Device, HostError } from '../../twin/host.ts';
import type { GuestId } from '../../model/target.ts';
import { mustRun } from '../command.ts';
import { INSIDE } from '../layout.ts';
import { type IdRange, hostId } from './id-map.ts';

/** A device node made for one container. */
export type MadeDevice = {
  /** The node's path on the host. */
  readonly node: string;
  /** Where the guest sees it. */
  readonly path: string;
  /** As control groups name it: `c 10:229`. */
  readonly number: string;
};

/** Makes a device node for a container, with the owner and mode that its entry asks for. */
export async function makeDevice(
  vmid: GuestId,
  device: Device,
  map: readonly IdRange[],
): Promise<MadeDevice> {
  const found = await stat(device.path).catch(() => undefined);
  if (found === undefined || !(found.isCharacterDevice() || found.isBlockDevice())) {
    throw new HostError(`Device ${device.path} does not exist`);
  }
  const type = found.isBlockDevice() ? 'b' : 'c';
  // glibc's split of a device number into major and minor.
  const major = Math.floor(found.rdev / 256) % 4096;
  const minor = (found.rdev % 256) + Math.floor(found.rdev / 2 ** 20) * 256;
  const folder = join(deviceFolder(vmid));
  const node = join(folder, String(device.index));
  await mkdir(folder, { recursive: true });
  await rm(node, { force: true });
  await mustRun(['mknod', node, type, String(major), String(minor)]);
  const { uid, gid, mode } = device.fields;
  await chown(node, hostId(map, 'u', Number(uid ?? 0)), hostId(map, 'g', Number(gid ?? 0)));
  await chmod(node, mode === undefined ? 0o660 : Number.parseInt(mode, 8));
  return { node, path: device.path, number: `${type} ${major}:${minor}` };
}

/** Forgets the device nodes of a container. */
export async function removeDevices(vmid: GuestId): Promise<void> {
  await rm(deviceFolder(vmid), { recursive: true, force: true });
}

function deviceFolder(vmid: GuestId): string {
  return join(INSIDE.disk, 'devices', String(vmid));
}
