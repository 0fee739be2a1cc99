import type { Code } from '../codes.ts';
import type { RawVm } from '../raw-guest.ts';
import type { FolderCheck } from './folder-check.ts';

type Use = { readonly guest: RawVm; readonly index: number; readonly device: string };

/** A PCI device belongs to one running VM at a time; a mapping may hold several devices. */
export function checkPciSharing({ guests, findings }: FolderCheck): void {
  const addresses = new Map<string, Use[]>();
  const mappings = new Map<string, Use[]>();
  for (const guest of guests.values()) {
    if (guest.kind !== 'vm' || guest.config.start_at_boot !== true) continue;
    const vm = guest as RawVm;
    for (const [index, { address, mapping }] of (vm.config.pci_devices ?? []).entries()) {
      if (address !== undefined) put(addresses, slotOf(address), { guest: vm, index, device: full(address) });
      else if (mapping !== undefined) put(mappings, mapping, { guest: vm, index, device: mapping });
    }
  }
  const report = (code: Code, { guest, index, device }: Use, other: Use, key: string): void =>
    findings.add(code, {
      summary: 'Two VMs that start at boot have the same PCI device',
      detail: `${other.guest.vmid} has ${other.device}, this one ${device}.`,
      position: guest.at('pci_devices', index, key),
      target: guest.vmid,
    });
  for (const uses of addresses.values()) {
    for (const [at, use] of uses.entries()) {
      const other = uses.slice(0, at).find((earlier) => overlap(earlier.device, use.device));
      if (other) report('shared-device', use, other, 'address');
    }
  }
  for (const [first, second] of mappings.values()) {
    if (first && second) report('shared-mapping', second, first, 'mapping');
  }
}

function put(uses: Map<string, Use[]>, key: string, use: Use): void {
  const known = uses.get(key);
  if (known) known.push(use);
  else uses.set(key, [use]);
}

/** With its domain: `01:00.0` is `0000:01:00.0`. */
function full(address: string): string {
  const lower = address.toLowerCase();
  return lower.split(':').length === 2 ? `0000:${lower}` : lower;
}

function slotOf(address: string): string {
  return full(address).split('.')[0] ?? '';
}

/** An address without a function is all functions of its slot. */
function overlap(one: string, other: string): boolean {
  return one === other || !one.includes('.') || !other.includes('.');
}
