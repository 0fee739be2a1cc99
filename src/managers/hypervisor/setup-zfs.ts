import type { HostPart } from '../../model/observed-host.ts';
import { answerOf, type HostStep } from './part.ts';
import { arcLimit, MODPROBE_FILE } from './zfs/arc-limit.ts';
import { datasets } from './zfs/datasets.ts';
import { needsZfs } from './zfs/needs-zfs.ts';
import { pools } from './zfs/pools.ts';
import { storages } from './zfs/storages.ts';

/** Pools on blank disks, datasets, the limit of the cache, and Proxmox's storages on them. */
export const setupZfs: HostStep = {
  name: 'setup_zfs',
  needs: ({ zfs, storages: wanted }) => ({
    files: [MODPROBE_FILE],
    host: [
      ...(zfs ? (['pools', 'disks', 'package:zfs-initramfs'] as const) : []),
      ...(zfs?.datasets ?? []).map(({ name }): HostPart => `dataset:${name}`),
      ...(wanted ?? []).map(({ dataset }): HostPart => `dataset:${dataset}`),
    ],
  }),
  plan: (input) => {
    const missing = needsZfs(input);
    if (missing) return answerOf(input, 'setup_zfs', [{ diagnostics: [missing] }]);
    const made = pools(input);
    return answerOf(input, 'setup_zfs', [
      made.part,
      datasets(input, made),
      arcLimit(input),
      storages(input, made.available),
    ]);
  },
};
