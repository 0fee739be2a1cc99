import { parseProperties } from '../../../pve/property-string.ts';
import { definedOnly, flag, unsaid, type Part } from '../../guest/describe/part.ts';

/** PCI devices of a VM's configuration by their slots. */
export function describePciDevices(keys: ReadonlyMap<string, string>): Part {
  const devices = [...keys]
    .filter(([key]) => /^hostpci\d+$/.test(key))
    .map(([slot, text]) => ({ slot, text, parts: parseProperties(text, 'host') }));
  const said = devices.filter(({ parts }) => parts.has('mapping') || ADDRESS.test(parts.get('host') ?? ''));
  return {
    keys: {
      pci_devices:
        said.length === 0
          ? undefined
          : said.map(({ slot, parts }) =>
              definedOnly({
                slot,
                mapping: parts.get('mapping'),
                address: parts.has('mapping') ? undefined : parts.get('host'),
                pcie: flag(parts.get('pcie')),
                primary_gpu: flag(parts.get('x-vga')),
              }),
            ),
    },
    remarks: devices.flatMap(({ slot, text, parts }) =>
      said.some((one) => one.slot === slot)
        ? [...parts]
            .filter(([part]) => !TOLD.has(part))
            .map(([part, value]) => unsaid(`${slot} ${part}=${value}`))
        : [unsaid(`${slot} ${text}`)],
    ),
  };
}

const TOLD = new Set(['host', 'mapping', 'pcie', 'x-vga']);
const ADDRESS = /^(?:[0-9A-Fa-f]{4,}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?:\.[0-7])?$/;
