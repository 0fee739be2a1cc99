import type { Session } from '../call/session.ts';
import { activate, type StorageConfig } from '../storage/config.ts';
import { hasFeature } from '../storage/plugins.ts';
import { pluginOf } from '../storage/config.ts';
import { cloneVolume, locate, type Located } from '../storage/volumes.ts';
import { hasFolders } from './disk-formats.ts';
import { pathOf } from '../storage/names.ts';

/** Makes a copy-on-write clone of a VM's base disk or of a snapshot; files get the format qcow2. */
export async function cloneDisk(
  session: Session,
  storages: StorageConfig,
  volume: string,
  vmid: number,
  snapshot: string | undefined,
): Promise<string> {
  const { storage } = locate(storages, volume);
  await activate(session, storages, storage.id);
  const format = hasFolders(storage) && storage.type !== 'btrfs' ? 'qcow2' : undefined;
  const made = await cloneVolume(session, storages, volume, vmid, snapshot, format);
  const own = locate(storages, made);
  if (own.parsed.base !== undefined) {
    session.print(`clone ${own.parsed.base}: images, ${own.parsed.file}, ${vmid} to ${own.parsed.file}\n`);
    session.print(`Formatting '${pathOf(own.storage, own.name)}', fmt=qcow2\n`);
  }
  return made;
}

/** Can a VM's disk be cloned linked, or copied, at a snapshot or as it is? */
export function diskHas(
  located: Located,
  feature: 'clone' | 'copy' | 'snapshot' | 'template' | 'rename',
  snapshot?: string,
): boolean {
  const state = snapshot !== undefined ? 'snap' : located.parsed.isBase ? 'base' : 'current';
  return hasFeature(pluginOf(located.storage), feature, state, located.parsed.format);
}
