import type { GuestId } from '../../../model/target.ts';
import type { MachineDrive } from '../../../twin/host.ts';
import { driveFile, driveId } from './drives.ts';
import { qmp } from './qmp.ts';

/** Puts another medium into a CD drive of a running VM, or takes it out. */
export async function changeMedium(vmid: GuestId, drive: MachineDrive): Promise<void> {
  const file = driveFile(drive);
  await (file === undefined ? eject(vmid, drive.key) : insert(vmid, drive.key, file));
}

/** Lets a running VM see anew what was written to an image in one of its CD drives. */
export async function reinsert(vmid: GuestId, path: string, format: string): Promise<void> {
  const [blocks] = await qmp(vmid, [{ execute: 'query-block' }]);
  for (const block of Array.isArray(blocks) ? (blocks as Block[]) : []) {
    const key = /^drive-(.+)$/.exec(block.device ?? '')?.[1];
    if (key === undefined || block.inserted?.file !== path) continue;
    await insert(vmid, key, { path, format });
  }
}

type Block = { readonly device?: string; readonly inserted?: { readonly file?: string } };

async function eject(vmid: GuestId, key: string): Promise<void> {
  await qmp(vmid, [{ execute: 'eject', arguments: { device: driveId(key), force: true } }]);
}

async function insert(
  vmid: GuestId,
  key: string,
  { path, format }: { readonly path: string; readonly format: string },
): Promise<void> {
  const words = { device: driveId(key), filename: path, format, 'read-only-mode': 'read-only', force: true };
  await qmp(vmid, [{ execute: 'blockdev-change-medium', arguments: words }]);
}
