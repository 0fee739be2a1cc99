import { refuseParameter, ToolError } from '../call/errors.ts';
import { splitVolumeId } from '../container/volumes.ts';
import { contentsOf, findStorage, type StorageConfig } from '../storage/config.ts';
import { locate } from '../storage/volumes.ts';
import { isCdrom, isDriveKey, NEW_DISK, parseDrive, printDrive, type Drive } from './drives.ts';

/** Checks what the drives of a call ask for before anything is done, and puts them into their plain form. */
export function checkDrives(
  storages: StorageConfig,
  values: Map<string, string>,
  standard: string | undefined,
): void {
  takeCdrom(values);
  for (const key of [...values.keys()].filter(isDriveKey).toSorted()) {
    const drive = parseDrive(key, values.get(key) ?? '');
    checkStorage(storages, drive, standard);
  }
  for (const key of [...values.keys()].filter(isDriveKey).toSorted()) {
    const drive = parseDrive(key, values.get(key) ?? '');
    checkImport(drive);
    const isNew = NEW_DISK.test(drive.file) || /(^|:)cloudinit$/.test(drive.file);
    const isVolume = !isNew && !drive.file.startsWith('/') && splitVolumeId(drive.file) !== undefined;
    if (isVolume && locate(storages, drive.file).parsed.type === 'iso' && !isCdrom(drive)) {
      throw refuseParameter(key, "explicit 'media=cdrom' is required for iso images");
    }
    values.set(key, printDrive(drive));
  }
}

/** `--cdrom` is another name for the CD drive `ide2`. */
function takeCdrom(values: Map<string, string>): void {
  const value = values.get('cdrom');
  if (value === undefined) return;
  values.set('ide2', value.includes('media=') ? value : `${value},media=cdrom`);
  values.delete('cdrom');
}

function checkStorage(storages: StorageConfig, drive: Drive, standard: string | undefined): void {
  if (drive.file === 'none' || drive.file === 'cdrom' || drive.file.startsWith('/')) return;
  const asked = NEW_DISK.exec(drive.file);
  const volume = splitVolumeId(drive.file);
  const isCloudInit = drive.file === 'cloudinit' || volume?.name === 'cloudinit';
  if (asked === null && !isCloudInit) {
    locate(storages, drive.file);
    return;
  }
  const id = (asked === null ? volume?.storage : asked[1]) ?? standard;
  if (id === undefined) throw new ToolError('no storage ID specified (and no default storage)');
  const storage = findStorage(storages, id);
  if (!contentsOf(storage).has('images')) {
    throw refuseParameter('storage', `storage '${id}' does not support vm images`);
  }
}

function checkImport(drive: Drive): void {
  const { key, fields } = drive;
  if (!fields.has('import-from')) return;
  if (NEW_DISK.exec(drive.file)?.[2] !== '0') {
    throw refuseParameter(
      key,
      "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>",
    );
  }
  const needed =
    key === 'efidisk0' ? ['efitype', 'pre-enrolled-keys'] : key === 'tpmstate0' ? ['version'] : [];
  for (const name of needed) {
    if (!fields.has(name)) {
      throw refuseParameter(key, `need to specify '${name}' when using 'import-from'`);
    }
  }
}
