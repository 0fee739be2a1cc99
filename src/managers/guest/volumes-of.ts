import type { ObservedGuest } from '../../model/observation.ts';

/**
 * The volumes whose names bear this guest's number (`local:101/vm-101-disk-0.raw`,
 * `pool:subvol-101-disk-0`).
 */
export function volumesOf(volumes: readonly string[], vmid: number): readonly string[] {
  const number = `-${vmid}-`;
  return volumes.filter((volume) => {
    const at = volume.indexOf(number);
    return at > 0 && /[:/](vm|subvol|base|basevol)$/.test(volume.slice(0, at));
  });
}

/** The volumes that a guest's config names: in force, waiting, or in a snapshot. */
export function namedVolumes({ config }: ObservedGuest): ReadonlySet<string | undefined> {
  const sections = [config.head, ...(config.pending ? [config.pending] : []), ...config.snapshots.values()];
  return new Set(sections.flatMap(({ keys }) => [...keys.values()].map((text) => text.split(',', 1)[0])));
}
