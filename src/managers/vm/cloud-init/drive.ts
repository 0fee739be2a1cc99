import { effectiveKeys } from '../../../pve/effective.ts';
import { storageGate } from '../../../pve/gates.ts';
import { firstDisk, hasCloudInitDrive, parseDrive, storageOf } from '../../../pve/qemu/drives.ts';
import type { Difference } from '../../guest/difference.ts';
import { changeOf, effectOf, type CloudInitVm } from './machine.ts';

/** The Cloud-Init drive, where the VM has none. Proxmox fills it at each start. */
export function driveDifferences(vm: CloudInitVm): readonly Difference[] {
  const keys = effectiveKeys(vm.guest.config);
  if (hasCloudInitDrive(keys)) return [];
  const taken = new Set([...keys.keys(), ...vm.desired.disks.map((disk) => disk.slot)]);
  const slot = SLOTS.find((one) => !taken.has(one));
  const storage = storageFor(vm, keys);
  if (slot === undefined || storage === undefined) return [];
  const value = `${storage}:cloudinit`;
  const said = { attribute: slot, before: undefined, after: value, effect: effectOf(vm) };
  return [
    {
      change: changeOf(vm, said),
      action: { kind: 'set', key: slot, value, gates: [storageGate(storage)] },
    },
  ];
}

/** Where people and Proxmox's own pages put it, and where there is room besides. */
const SLOTS = ['ide2', 'ide0', ...Array.from({ length: 6 }, (_, index) => `sata${index}`)];

/** Beside the VM's first disk, as long as that storage takes disks. */
function storageFor(
  { desired, observed }: CloudInitVm,
  keys: ReadonlyMap<string, string>,
): string | undefined {
  const { storages } = observed.node;
  const disk = firstDisk(keys);
  const beside = disk === undefined ? undefined : storageOf(parseDrive(keys.get(disk) ?? ''));
  const fit = [...storages.values()].filter(({ content }) => content.includes('images')).map(({ id }) => id);
  return [beside, desired.storage].find((id) => id !== undefined && fit.includes(id)) ?? fit[0];
}
