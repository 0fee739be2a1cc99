import type { ObservedGuest } from '../../model/observation.ts';

/**
 * The volumes whose names bear this guest's number (`local:101/vm-101-disk-0.raw`,
 * `pool:subvol-101-disk-0`), those that other guests link to and that link to others' included.
 */
export function volumesOf(volumes: readonly string[], vmid: number): readonly string[] {
  const name = new RegExp(`^(?:vm|subvol|base|basevol)-${vmid}-`);
  return volumes.filter((volume) => name.test(volume.slice(lastSlash(volume) + 1)));
}

/**
 * Does a guest's config name a volume: in force, waiting, or in a snapshot? The config names a linked
 * clone's after its base, too (`local:900/base-900-disk-0.qcow2/101/vm-101-disk-0.qcow2`), a storage's
 * list may not.
 */
export function namesVolume({ config }: ObservedGuest): (volume: string) => boolean {
  const sections = [config.head, ...(config.pending ? [config.pending] : []), ...config.snapshots.values()];
  const named = new Set(
    sections.flatMap(({ keys }) => [...keys.values()].map((text) => ownName(text.split(',', 1)[0] ?? ''))),
  );
  return (volume) => named.has(ownName(volume));
}

/** A volume by its storage and the last part of its name, which no other volume there has. */
export function ownName(volume: string): string {
  return `${volume.split(':', 1)[0]}:${volume.slice(lastSlash(volume) + 1)}`;
}

function lastSlash(volume: string): number {
  return Math.max(volume.lastIndexOf('/'), volume.indexOf(':'));
}
