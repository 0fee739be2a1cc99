import type { ObservedDrivers } from '../../model/observed-host.ts';
import { fieldsIn } from './lines.ts';

/** PCI devices with their drivers and IOMMU groups, and what is installed of NVIDIA's driver. */
export function observedDrivers(text: string): ObservedDrivers {
  const fields = fieldsIn(text);
  const named = (kind: string): ReadonlyMap<string, string> =>
    new Map(fields.flatMap(([tag, name = '', value = '']) => (tag === kind ? [[name, value] as const] : [])));
  const drivers = named('driver');
  const groups = named('group');
  const installed = [...named('installed').keys()][0];
  return {
    pciDevices: fields.flatMap(([tag, address = '', id = '', deviceClass = '']) => {
      if (tag !== 'device') return [];
      const driver = drivers.get(address);
      const iommuGroup = groups.get(address);
      return [
        {
          address,
          id,
          deviceClass,
          ...(driver !== undefined && { driver }),
          ...(iommuGroup !== undefined && { iommuGroup }),
        },
      ];
    }),
    nvidiaBuilds: fields.flatMap(([tag, version, kernel]) =>
      tag === 'build' ? [`${version} ${kernel}`] : [],
    ),
    ...(installed !== undefined && { nvidiaInstalled: installed }),
    iommuGroups: new Set(groups.values()).size,
  };
}
