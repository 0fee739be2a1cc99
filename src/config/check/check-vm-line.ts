import { cloneLine } from '../guest-graph.ts';
import { vmNicsOf } from '../normalise/vm-nics.ts';
import type { RawVm } from '../raw-guest.ts';
import { didYouMean } from '../suggest.ts';
import type { FolderCheck } from './folder-check.ts';

/** What of a VM depends on what it takes over from the VMs that it is cloned from. */
export function checkVmLine(guest: RawVm, check: FolderCheck): void {
  const line = cloneLine(guest, check.guests).filter((source): source is RawVm => source.kind === 'vm');
  // What a VM has that the folder did not make is not known here.
  if ((line.at(-1) ?? guest).config.existing !== true) {
    checkBootDevices(guest, line, check);
    checkPcie(guest, line, check);
  }
  checkCloneMode(guest, line, check);
  checkInheritedDisks(guest, line, check);
}

function checkBootDevices(guest: RawVm, line: readonly RawVm[], { findings, vmDefaults }: FolderCheck): void {
  const devices = guest.config.boot_devices ?? [];
  const present = new Set([
    'scsi0',
    'ide2',
    ...[guest, ...line].flatMap(({ config }) => (config.disks ?? []).map(({ slot }) => slot)),
    ...[guest, ...line].flatMap((vm, index) =>
      vmNicsOf(vm, vmDefaults, line.slice(index)).map(({ slot }) => slot),
    ),
  ]);
  for (const [index, device] of devices.entries()) {
    const position = guest.at('boot_devices', index);
    if (devices.indexOf(device) !== index) {
      findings.add('duplicate-item', {
        summary: 'A boot device stands twice',
        position,
        target: guest.vmid,
      });
    } else if (!present.has(device)) {
      findings.add('unknown-device', {
        summary: 'A VM is to boot from a device that it does not have',
        detail: [`It has ${[...present].sort().join(', ')}.`, didYouMean(device, present)]
          .filter(Boolean)
          .join(' '),
        position,
        target: guest.vmid,
      });
    }
  }
}

function checkPcie(guest: RawVm, line: readonly RawVm[], { findings }: FolderCheck): void {
  const machine = [guest, ...line].find(({ config }) => config.machine !== undefined)?.config.machine;
  if (machine?.includes('q35')) return;
  for (const [index, { pcie }] of (guest.config.pci_devices ?? []).entries()) {
    if (pcie !== true) continue;
    findings.add('pcie-needs-q35', {
      summary: 'PCI Express needs another machine type',
      detail: `The machine type is ${machine ?? "Proxmox's default, i440fx"}; the VM would not start.`,
      position: guest.at('pci_devices', index, 'pcie'),
      target: guest.vmid,
    });
  }
}

function checkCloneMode(guest: RawVm, [source]: readonly RawVm[], check: FolderCheck): void {
  if (guest.config.clone_mode !== 'linked' || !source) return;
  const { findings, vmDefaults } = check;
  const report = (summary: string, detail: string, remedy: string): void =>
    findings.add('cannot-link', {
      summary,
      detail,
      remedy,
      position: guest.at('clone_mode'),
      target: guest.vmid,
    });
  if (source.config.is_template !== true) {
    report(
      'A linked clone needs a template',
      `${source.vmid} is no template, and Proxmox copies the disks of any other VM.`,
      `Set "is_template": true in ${source.vmid}, or remove clone_mode.`,
    );
    return;
  }
  const storageOf = ({ config }: RawVm): string | undefined => config.storage_pool ?? vmDefaults.storage_pool;
  const [here, there] = [storageOf(guest), storageOf(source)];
  if (here === undefined || there === undefined || here === there) return;
  report(
    'A linked clone stays on the storage of its source',
    `${source.vmid} is on ${there}, and this VM is to be on ${here}.`,
    `Set "storage_pool" to ${JSON.stringify(there)}, or "clone_mode" to "full".`,
  );
}

/** Disks beside the first come along with a clone, and only grow as well. */
function checkInheritedDisks(guest: RawVm, line: readonly RawVm[], { findings }: FolderCheck): void {
  for (const [index, { slot, size_gb: wanted }] of (guest.config.disks ?? []).entries()) {
    for (const source of line) {
      const size = source.config.disks?.find((disk) => disk.slot === slot)?.size_gb;
      if (size === undefined) continue;
      if (wanted < size) {
        findings.add('disk-would-shrink', {
          summary: "A disk would be smaller than its clone source's",
          detail: `${slot} of ${source.vmid} has ${size} GiB, its clone's would have ${wanted} GiB; disks only grow.`,
          remedy: `Set "size_gb" to ${size} or more, or choose another slot.`,
          position: guest.at('disks', index, 'size_gb'),
          target: guest.vmid,
        });
      }
      break;
    }
  }
}
