import { firstDisk, isCdrom, isDriveKey, parseDrive } from '../../pve/qemu/drives.ts';
import { foreignAmong, standingRules } from '../guest/foreign.ts';
import type { PresentVm } from './input.ts';
import { wantedRecord } from './record.ts';

/** What somebody else put into a VM of ours. */
export function foreignInVm(input: PresentVm): readonly string[] {
  const { keys } = input.guest.config.head;
  const slots = [...keys.keys()];
  const own = firstDisk(keys, new Set(input.desired.disks.map(({ slot }) => slot)));
  const standing = {
    disks: slots.filter(
      (key) =>
        key !== own &&
        isDriveKey(key) &&
        !/^(?:efidisk|tpmstate)/.test(key) &&
        !isCdrom(parseDrive(keys.get(key) ?? '')),
    ),
    nics: slots.filter((key) => /^net\d+$/.test(key)),
    pciDevices: slots.filter((key) => /^hostpci\d+$/.test(key)),
    firewallRules: standingRules(input.guest),
  };
  return foreignAmong(input, standing, wantedRecord(input));
}
