import type { GuestKind } from '../../model/target.ts';

/** Is this a key of the config that holds a volume in use: a container's mount, a VM's drive? */
export function isDrive(kind: GuestKind, key: string): boolean {
  return DRIVES[kind].test(key);
}

const DRIVES: Readonly<Record<GuestKind, RegExp>> = {
  lxc: /^(?:rootfs|mp\d+)$/,
  vm: /^(?:(?:scsi|virtio|sata|ide)\d+|efidisk0|tpmstate0)$/,
};
