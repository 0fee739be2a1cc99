import type { DesiredContainer, Folder } from '../../../model/desired.ts';
import { normalizeTags } from '../../../pve/same-value.ts';
import { withOwnerLine } from '../../../pve/notes.ts';

/**
 * The single-valued keys that the folder sets, as Proxmox spells them, `description` with our owner
 * line included. `notes` are the guest's own notes where the folder has none. `features` is empty
 * where the folder wants none.
 */
export function wantedScalars(
  desired: DesiredContainer,
  folder: Folder,
  notes?: string,
): ReadonlyMap<string, string> {
  const { startup, pctFeatures } = desired;
  const values: readonly (readonly [string, string | undefined])[] = [
    ['hostname', desired.name],
    ['memory', desired.memoryMiB?.toString()],
    ['swap', desired.swapMiB?.toString()],
    ['cores', desired.cores?.toString()],
    ['onboot', flag(desired.startAtBoot)],
    ['startup', startup && properties(Object.entries(startup))],
    ['nameserver', desired.nameservers?.join(' ')],
    ['searchdomain', desired.searchDomain],
    ['timezone', desired.timezone],
    ['protection', flag(desired.protection)],
    ['features', pctFeatures && properties(Object.entries(pctFeatures))],
    ['tags', desired.tags && normalizeTags(desired.tags.join(';'))],
    ['description', withOwnerLine(desired.notes ?? notes, folder.folderId, desired.vmid)],
  ];
  return new Map(values.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}

function flag(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? '1' : '0';
}

function properties(entries: readonly (readonly [string, string | number | undefined])[]): string {
  return entries
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
