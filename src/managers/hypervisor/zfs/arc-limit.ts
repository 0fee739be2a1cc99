import { withModuleOption, moduleOption } from '../../../pve/host/module-options.ts';
import type { HostInput, Part } from '../part.ts';
import { finding } from '../operations.ts';
import { zfs } from './operations.ts';

/** Where Proxmox's installer and its manual keep the options of ZFS's module. */
export const MODPROBE_FILE = '/etc/modprobe.d/zfs.conf';

/** The most memory that ZFS caches with: live, at each boot, and in the initial ramdisk where ZFS starts there. */
export function arcLimit({ desired, observed }: HostInput): Part {
  const limit = desired.zfs?.arcMaxGiB;
  if (limit === undefined) return {};
  const { node } = observed;
  const bytes = String(BigInt(limit) * 1024n ** 3n);
  const live = node.host?.arcMaxBytes;
  const text = node.files?.get(MODPROBE_FILE) ?? '';
  const kept = moduleOption(text, 'zfs', 'zfs_arc_max');
  const isLive = live === undefined || String(live) === bytes;
  if (kept === bytes && isLive) return {};
  const attribute = 'ARC limit';
  const isInRamdisk = node.host?.packages?.has('zfs-initramfs') === true;
  const isTooMuch = node.memoryMiB !== undefined && limit * 1024 >= node.memoryMiB;
  return {
    changes: [
      zfs.change(
        attribute,
        live ? `${(live / 1024 ** 3).toFixed(1)} GiB` : kept && 'at boot only',
        `${limit} GiB`,
      ),
    ],
    operations: [
      ...(kept === bytes
        ? []
        : [
            zfs.write(
              [attribute],
              MODPROBE_FILE,
              withModuleOption(text, 'zfs', ['zfs_arc_max', bytes]),
              0o644,
            ),
          ]),
      // Before the live value: a run that is cut short here does it again.
      ...(isInRamdisk
        ? [zfs.run([], ['update-initramfs', '-u', '-k', 'all'], { title: 'put it into the initial ramdisk' })]
        : []),
      ...(isLive
        ? []
        : [
            zfs.script(
              [attribute],
              { ...SET_LIVE, args: [bytes] },
              { title: `limit ZFS's cache to ${limit} GiB` },
            ),
          ]),
    ],
    diagnostics: isTooMuch
      ? [
          finding('warning', 'arc-limit-too-high', {
            summary: "The limit of ZFS's cache is not below the memory of the host",
            detail: `The folder says ${limit} GiB, the host has ${Math.round((node.memoryMiB ?? 0) / 1024)} GiB.`,
          }),
        ]
      : [],
  };
}

const SET_LIVE = {
  name: 'set-arc-limit',
  content: `#!/bin/sh
printf '%s\\n' "$1" >/sys/module/zfs/parameters/zfs_arc_max
`,
};
