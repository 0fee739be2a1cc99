import { isDrive } from '../guest/drives.ts';
import type { HuskRules } from '../guest/husk.ts';

/** What a `qm create` or `qm clone` leaves behind that is cut short. */
export const VM_HUSK: HuskRules = {
  /** The lock goes in the very write that brings all the rest (PVE::API2::Qemu create_vm, clone_vm). */
  isDone: () => true,
  always: ['lock', 'name', 'boot', 'meta', 'smbios1', 'vmgenid'],
  countCopied: (keys) => [...keys].filter(([key, text]) => isDrive('vm', key) && isCopied(text)).length,
  countAllocated: ({ params }) =>
    Object.entries(params).filter(
      ([key, value]) => isDrive('vm', key) && /^[^/:,]+:(?:\d|cloudinit)/.test(String(value)),
    ).length,
};

/** A CD drive keeps its image, the Cloud-Init drive excepted. */
function isCopied(drive: string): boolean {
  return !/(?:^|,)media=cdrom(?:,|$)/.test(drive) || /[:/-]cloudinit[.,]/.test(drive);
}
