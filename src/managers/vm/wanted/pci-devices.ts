import type { DesiredPciDevice } from '../../../model/desired.ts';
import { definedParts, printProperties, type Properties } from '../../../pve/property-string.ts';

/** What the folder says of a PCI device, as parts of `hostpciN`. */
export function declaredPciDevice({ source, pcie, primaryGpu }: DesiredPciDevice): Properties {
  return definedParts([
    'mapping' in source ? ['mapping', source.mapping] : ['host', source.address],
    ['pcie', pcie],
    ['x-vga', primaryGpu],
  ]);
}

/** `hostpciN` of a device that is not there yet. */
export function newPciDevice(device: DesiredPciDevice): string {
  return printProperties(declaredPciDevice(device), 'host');
}
