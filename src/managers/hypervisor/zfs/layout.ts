import type { DesiredPool } from '../../../model/desired-host.ts';
import type { ObservedPool } from '../../../model/observed-host.ts';

/** The words that tell `zpool create` how disks are joined. */
export function topologyOf({ layout, disks }: DesiredPool): readonly string[] {
  switch (layout) {
    case 'single':
    case 'stripe':
      return disks;
    case 'raid10': {
      const pairs: string[] = [];
      for (let index = 0; index < disks.length; index += 2)
        pairs.push('mirror', ...disks.slice(index, index + 2));
      return pairs;
    }
    default:
      return [layout, ...disks];
  }
}

/** How a pool's disks are joined, in the folder's words; something else by the kinds of its parts. */
export function layoutOf({ vdevs }: ObservedPool): string {
  const kinds = new Set(vdevs.map(({ kind }) => kind));
  const [kind = 'unknown'] = kinds;
  if (kinds.size !== 1) return [...kinds].join(' + ');
  if (kind === 'disk') return vdevs.length === 1 ? 'single' : 'stripe';
  if (kind === 'mirror' && vdevs.length > 1) return 'raid10';
  return vdevs.length === 1 ? kind : `${vdevs.length} ${kind}`;
}
