import type { DesiredVm } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Needs } from '../../model/node.ts';
import { mappingsOn, PCI_MAPPINGS } from '../../pve/qemu/pci-mappings.ts';
import type { VmInput } from './input.ts';

/** What an observation must hold for whoever looks for resource mappings. */
export function mappingNeeds(desired: DesiredVm): Partial<Needs> {
  return mappingsOf(desired).length > 0 ? { files: [PCI_MAPPINGS] } : {};
}

/** Errors for resource mappings that lead to no device of this node: the VM could not start. */
export function mappingDiagnostics({ desired, observed }: VmInput): readonly Diagnostic[] {
  const { nodeName, files } = observed.node;
  const known = mappingsOn(nodeName, files?.get(PCI_MAPPINGS) ?? '');
  return mappingsOf(desired)
    .filter((mapping) => !known.has(mapping))
    .map((mapping) => ({
      code: 'vm/mapping-missing',
      severity: 'error',
      summary: `${nodeName} has no PCI device under the resource mapping ${mapping}`,
      detail: `${known.size === 0 ? 'It has none' : `It has ${[...known].join(', ')}`}. A virtual machine with it would not start.`,
      remedy:
        'Define it (Datacenter, Resource Mappings), correct its name, or name the device by "address".\n' +
        '  pvesh get /cluster/mapping/pci',
      position: desired.position,
      target: desired.vmid,
    }));
}

function mappingsOf({ pciDevices }: DesiredVm): readonly string[] {
  return pciDevices.flatMap(({ source }) => ('mapping' in source ? [source.mapping] : []));
}
