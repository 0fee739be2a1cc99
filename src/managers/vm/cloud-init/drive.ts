import { effectiveKeys } from '../../../pve/effective.ts';
import type { Difference } from '../../guest/difference.ts';
import { isDrive } from '../../guest/drives.ts';
import { changeOf, effectOf, type CloudInitVm } from './machine.ts';

/** The Cloud-Init drive, where the VM has none. Proxmox fills it at each start. */
export function driveDifferences(vm: CloudInitVm): readonly Difference[] {
  const keys = effectiveKeys(vm.guest.config);
  const drives = [...keys].filter(([key]) => isDrive('vm', key));
  if (drives.some(([, text]) => /[:-]cloudinit\b/.test(text))) return [];
  const slot = SLOTS.find((one) => !keys.has(one));
  const storage = storageOf(vm, drives);
  if (slot === undefined || storage === undefined) return [];
  const value = `${storage}:cloudinit`;
  const said = { attribute: slot, before: undefined, after: value, effect: effectOf(vm) };
  return [
    {
      change: changeOf(vm, said),
      action: { kind: 'set', key: slot, value, gates: [`storage:${storage}`] },
    },
  ];
}

/** Where people and Proxmox's own pages put it, and where there is room besides. */
const SLOTS = ['ide2', 'ide0', ...Array.from({ length: 6 }, (_, index) => `sata${index}`)];

/** Beside the VM's first disk, as long as that storage takes disks. */
function storageOf(
  { desired, observed }: CloudInitVm,
  drives: readonly (readonly [string, string])[],
): string | undefined {
  const { storages } = observed.node;
  const ofDisk = drives.find(([, text]) => !text.includes('media=cdrom'))?.[1].split(':', 1)[0];
  const fit = [...storages.values()].filter(({ content }) => content.includes('images')).map(({ id }) => id);
  return [ofDisk, desired.storage].find((id) => id !== undefined && fit.includes(id)) ?? fit[0];
}
