import { takeSlot, vmNicEntries } from '../normalise/vm-nics.ts';
import type { Path } from '../parse/tree.ts';
import type { RawVm } from '../raw-guest.ts';
import type { VmDefaults } from '../schema/vm.ts';
import type { Report } from './check-vm.ts';

/** What is contradictory in a VM's disks, interfaces and devices. */
export function checkVmHardware(guest: RawVm, defaults: VmDefaults, report: Report): void {
  checkDisks(guest, defaults, report);
  checkSlots(
    vmNicEntries(guest).map(({ slot, path }) => ({ slot, path: [...path, 'slot'] })),
    report,
  );
  checkPciDevices(guest, report);
}

function checkDisks({ config }: RawVm, defaults: VmDefaults, report: Report): void {
  const disks = config.disks ?? [];
  const hasStorage = (config.storage_pool ?? defaults.storage_pool) !== undefined;
  checkSlots(
    disks.map(({ slot }, index) => ({ slot, path: ['disks', index, 'slot'] })),
    report,
  );
  for (const [index, disk] of disks.entries()) {
    if (disk.storage_pool === undefined && !hasStorage) {
      report('missing-key', ['disks', index], {
        summary: 'A disk has no storage',
        remedy: 'Add "storage_pool" to the disk or to the VM.',
      });
    }
    for (const [key, buses] of BUSES) {
      if (disk[key] !== true || buses.test(disk.slot)) continue;
      report('bad-value', ['disks', index, key], {
        summary: `A disk in this slot cannot have ${key}`,
        detail: `Proxmox refuses it for ${disk.slot}.`,
        remedy: `Remove ${key}, or choose a slot such as scsi1.`,
      });
    }
  }
}

/** Which slots Proxmox takes an option for. */
const BUSES = [
  ['ssd', /^(?:scsi|sata|ide)/],
  ['iothread', /^(?:scsi|virtio)/],
] as const;

function checkSlots(used: readonly { readonly slot: string; readonly path: Path }[], report: Report): void {
  const seen = new Set<string>();
  for (const { slot, path } of used) {
    if (seen.has(slot)) {
      report('duplicate-slot', path, {
        summary: 'A slot of a VM is used twice',
        detail:
          slot === 'net0' ? 'network_config, network_bridge and mac_address are net0.' : `It is ${slot}.`,
      });
    }
    seen.add(slot);
  }
}

function checkPciDevices({ config }: RawVm, report: Report): void {
  const devices = config.pci_devices ?? [];
  const taken = new Set(devices.flatMap(({ slot }) => slot ?? []));
  checkSlots(
    devices.map(({ slot }, index) => ({
      slot: slot ?? takeSlot('hostpci', taken),
      path: ['pci_devices', index, 'slot'],
    })),
    report,
  );
  for (const [index, { mapping, address }] of devices.entries()) {
    if ((mapping === undefined) !== (address === undefined)) continue;
    report('pci-source', ['pci_devices', index], {
      summary:
        mapping === undefined ? 'A PCI device says nothing of which it is' : 'A PCI device names two of them',
    });
  }
}
