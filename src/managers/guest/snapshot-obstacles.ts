import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import { isDrive } from './drives.ts';
import type { PresentGuest } from './input.ts';

/**
 * Why a guest can't have a snapshot, as errors; none where it can. What stands in its configuration
 * and what the folder is about to put there both count.
 */
export function cannotBeTakenBack({ guest, desired, observed }: PresentGuest): readonly Diagnostic[] {
  const mounts =
    desired.kind === 'lxc' ? desired.mounts.map(({ hostPath }) => `${hostPath} (in the folder)`) : [];
  const reasons = [...snapshotObstacles(guest, observed.node), ...mounts.map(bindMount)];
  if (reasons.length === 0) return [];
  return [
    {
      code: 'guest/no-rollback',
      severity: 'error',
      summary: `${guest.vmid} can't be rolled back, so nothing is changed`,
      detail: `"on_failure": "rollback" needs a snapshot, and there can be none:\n${[...new Set(reasons)].join('\n')}`,
      remedy: `Leave "on_failure" out for this guest, and make a backup before you change it:\nvzdump ${guest.vmid} --mode snapshot`,
      position: desired.position,
      target: guest.vmid,
    },
  ];
}

/** Why Proxmox takes no snapshot of a guest as it is, a line each. */
export function snapshotObstacles(guest: ObservedGuest, node: Observation): readonly string[] {
  return [...guest.config.head.keys]
    .filter(([key]) => isDrive(guest.kind, key))
    .flatMap(([key, text]) => {
      const source = text.split(',', 1)[0] ?? '';
      if (source === 'none' || /(?:^|,)media=cdrom(?:,|$)/.test(text)) return [];
      if (source.startsWith('/')) return [bindMount(`${source} (${key})`)];
      const type = node.storages.get(source.split(':', 1)[0] ?? '')?.type;
      const hasSnapshots =
        SNAPSHOT_TYPES.has(type ?? '') || (guest.kind === 'vm' && source.endsWith('.qcow2'));
      return hasSnapshots
        ? []
        : [`${key} is on a storage of type ${type ?? 'unknown'}, which has no snapshots of ${source}`];
    });
}

function bindMount(what: string): string {
  return `Proxmox takes no snapshot of a container with a directory of the node: ${what}`;
}

/** Storages whose volumes of any format have snapshots (PVE::Storage plugins, volume_has_feature). */
const SNAPSHOT_TYPES: ReadonlySet<string> = new Set(['zfspool', 'btrfs', 'lvmthin', 'rbd']);
