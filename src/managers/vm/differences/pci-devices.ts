import type { DesiredPciDevice } from '../../../model/desired.ts';
import {
  isSameProperty,
  parseProperties,
  printProperties,
  type Properties,
} from '../../../pve/property-string.ts';
import type { Difference } from '../../guest/difference.ts';
import { recordOf } from '../../guest/input.ts';
import type { PresentVm } from '../input.ts';
import { declaredPciDevice, newPciDevice } from '../wanted/pci-devices.ts';
import { slotDifference, slotRemoval, type Slot } from './slots.ts';

/** PCI devices of the node that differ, slot by slot: named by address or by a resource mapping. */
export function pciDeviceDifferences(input: PresentVm): readonly Difference[] {
  const { desired, guest, folder } = input;
  const wanted = new Set(desired.pciDevices.map(({ slot }) => slot));
  return [
    ...desired.pciDevices.flatMap((device) => slotDifference(input, slotOf(device))),
    ...(recordOf(guest, folder.folderId).pciDevices ?? [])
      .filter((key) => !wanted.has(key))
      .flatMap((key) => slotRemoval(input, { key, what: 'pci device', liveEffect: 'restart' })),
  ];
}

function slotOf(device: DesiredPciDevice): Slot {
  const declared = declaredPciDevice(device);
  return {
    key: device.slot,
    what: 'pci device',
    parse: (text) => parseProperties(text, 'host'),
    isSatisfied: (current) => isSatisfied(current, declared),
    fresh: () => {
      const value = newPciDevice(device);
      return { value, text: value };
    },
    changed: (current) => {
      const others = [...current].filter(([part]) => part !== 'host' && part !== 'mapping');
      const value = printProperties(new Map([...others, ...declared]), 'host');
      return { value, text: value };
    },
    liveEffect: () => 'restart',
  };
}

function isSatisfied(current: Properties, declared: Properties): boolean {
  const isOther = ['host', 'mapping'].some((part) => current.has(part) && !declared.has(part));
  return !isOther && [...declared].every(([part, value]) => isSamePart(part, current.get(part), value));
}

function isSamePart(part: string, found: string | undefined, value: string): boolean {
  if (part === 'host') return found !== undefined && wholeAddress(found) === wholeAddress(value);
  return isSameProperty(part, found, value) || (value === '0' && found === undefined);
}

/** The domain of an address may be left out, and is 0000 then. */
function wholeAddress(address: string): string {
  return address
    .toLowerCase()
    .split(';')
    .map((one) => (/^[0-9a-f]{4,}:[0-9a-f]{2}:/.test(one) ? one : `0000:${one}`))
    .join(';');
}
