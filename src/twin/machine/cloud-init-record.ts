import { byCode, splitList } from '../call/lists.ts';
import type { MachineConfig } from './config.ts';

/** Settings that a Cloud-Init drive is made from. */
export const CLOUD_INIT_KEYS: readonly string[] = [
  'cicustom',
  'cipassword',
  'citype',
  'ciupgrade',
  'ciuser',
  'nameserver',
  'searchdomain',
  'sshkeys',
];

/** Is a setting one that goes onto the Cloud-Init drive, and nowhere else? */
export function isCloudInitKey(key: string): boolean {
  return CLOUD_INIT_KEYS.includes(key) || /^ipconfig\d+$/.test(key);
}

/**
 * Notes in `[special:cloudinit]` that a running VM's setting differs from what its Cloud-Init drive was
 * made from: the old value, or its name under `added`. A change back takes the note away.
 */
export function recordCloudInit(
  config: MachineConfig,
  key: string,
  before: string | undefined,
  after: string | undefined,
): void {
  if (!isCloudInitKey(key) && key !== 'name' && !/^net\d+$/.test(key)) return;
  const record = config.cloudInit.keys;
  const added = new Set(splitList(record.get('added') ?? ''));
  const recorded = record.get(key);
  if (after === undefined) {
    if (before !== undefined && recorded === undefined && !added.delete(key)) record.set(key, before);
  } else if (recorded !== undefined) {
    if (after === recorded) {
      record.delete(key);
      added.delete(key);
    }
  } else if (!added.has(key)) {
    if (before === undefined) added.add(key);
    else record.set(key, before);
  }
  if (added.size === 0) record.delete('added');
  else record.set('added', [...added].toSorted(byCode).join(','));
}
