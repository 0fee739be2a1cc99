import { readSize } from './call/sizes.ts';
import type { Host, VolumeRef } from './host.ts';
import { lookUp } from './memory/volumes.ts';
import type { StorageConfig } from './storage/config.ts';
import { locate, refOfVolume } from './storage/volumes.ts';
import type { World } from './world.ts';

/** Volumes that a guest's keys name, with their sizes where they say them. */
export function volumesNamedIn(
  keys: ReadonlyMap<string, string>,
): { readonly volume: string; readonly sizeBytes: number }[] {
  return [...keys].flatMap(([key, value]) => {
    if (!/^(rootfs|(mp|unused|scsi|virtio|sata|ide|efidisk|tpmstate)\d+)$/.test(key)) return [];
    const parts = value.split(',');
    const volume = (parts[0] ?? '').replace(/^(volume|file)=/, '');
    if (!/^[^/:\s]+:\S+$/.test(volume)) return [];
    const size = parts.find((part) => part.startsWith('size='))?.slice('size='.length);
    return [{ volume, sizeBytes: size === undefined ? 0 : sizeOf(size) }];
  });
}

/** Puts a volume that an observation names into the world; a name that cannot be one is passed over. */
export async function addVolume(
  world: World,
  host: Host,
  storages: StorageConfig,
  named: { readonly volume: string; readonly sizeBytes: number; readonly snapshots?: readonly string[] },
): Promise<void> {
  const found = refFor(storages, named.volume);
  if (!found) return;
  const { ref, vmid, format, base } = found;
  const known = lookUp(world, ref);
  if (!known) await host.volumes.allocate(ref, { vmid, format, sizeBytes: named.sizeBytes });
  const volume = known ?? lookUp(world, ref);
  if (!volume) return;
  if (base !== undefined) volume.parent = base;
  volume.sizeBytes = Math.max(volume.sizeBytes, named.sizeBytes);
  for (const snapshot of named.snapshots ?? []) volume.snapshots[snapshot] ??= null;
}

type Found = { ref: VolumeRef; vmid: number; format: string; base: string | undefined };

function refFor(storages: StorageConfig, volume: string): Found | undefined {
  try {
    const located = locate(storages, volume);
    const { vmid, format, base } = located.parsed;
    return vmid === undefined ? undefined : { ref: refOfVolume(located), vmid, format, base };
  } catch {
    return undefined;
  }
}

function sizeOf(text: string): number {
  try {
    return readSize(text) ?? 0;
  } catch {
    return 0;
  }
}
