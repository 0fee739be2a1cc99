import type { GuestId } from '../../model/target.ts';
import type { Session } from '../call/session.ts';
import type { Section } from '../container/config.ts';
import { splitVolumeId } from '../container/volumes.ts';
import { contentsOf, findStorage, type StorageConfig } from '../storage/config.ts';
import { allocateVolume } from '../storage/volumes.ts';
import { hasFolders } from './disk-formats.ts';
import { drivesOf, isCdrom } from './drives.ts';
import { memoryOf } from './launch.ts';

/** Memory of QEMU itself and of devices, saved beside a VM's own, in MiB. */
const DRIVER_MIB = 500;

/** Saves a running VM's memory to a volume of its own, which `section` names as `vmstate`. */
export async function saveState(
  session: Session,
  vmid: GuestId,
  storages: StorageConfig,
  section: Section,
  name: string,
): Promise<void> {
  const storage = stateStorage(storages, section);
  const ending = hasFolders(findStorage(storages, storage)) ? '.raw' : '';
  const sizeBytes = (memoryOf(section.keys.get('memory')) * 2 + DRIVER_MIB) * 1024 ** 2;
  const shape = { vmid, format: 'raw', name: `vm-${vmid}-state-${name}${ending}`, sizeBytes };
  section.keys.set('vmstate', await allocateVolume(session, storages, storage, shape));
  section.keys.set('runningmachine', 'pc-i440fx-9.2+pve1');
  session.print(`saving VM state and RAM using storage '${storage}'\n`);
}

/** Where the state goes: the storage that the VM names for it, else that of its first disk, else any. */
function stateStorage(storages: StorageConfig, section: Section): string {
  const named = section.keys.get('vmstatestorage');
  if (named !== undefined) return named;
  const disk = drivesOf(section).find((drive) => !isCdrom(drive) && !drive.file.startsWith('/'));
  const own = disk === undefined ? undefined : splitVolumeId(disk.file)?.storage;
  return own ?? [...storages.values()].find((storage) => contentsOf(storage).has('images'))?.id ?? 'local';
}
