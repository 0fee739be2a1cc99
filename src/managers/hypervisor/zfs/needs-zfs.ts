import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { HostInput } from '../part.ts';
import { finding } from '../operations.ts';

/** What is missing for pools and datasets to be looked after: ZFS itself. */
export function needsZfs({ desired, observed }: HostInput): Diagnostic | undefined {
  const { zfs } = desired;
  if (!zfs || (zfs.pools.length === 0 && zfs.datasets.length === 0)) return undefined;
  if (observed.node.host?.pools !== undefined) return undefined;
  return finding('error', 'no-zfs', {
    summary: 'The folder describes ZFS pools or datasets, and the host has no ZFS',
    detail: 'There is no program `zpool`. Proxmox VE brings it; a Debian does not.',
    remedy:
      'On Debian, with the component "contrib" among the package sources:\n    apt-get install zfsutils-linux zfs-dkms',
  });
}
