import type { DesiredContainer, DesiredNic, Folder } from '../../../model/desired.ts';
import { deriveMac } from '../../../pve/mac.ts';
import { printProperties, type Properties } from '../../../pve/property-string.ts';

/** What the folder says of a NIC, as parts of `netN`; a part that it doesn't say is not managed. */
export function declaredParts(nic: DesiredNic, desired: DesiredContainer): Properties {
  const isFiltered = nic.firewall ?? (desired.firewall?.enabled === true ? true : undefined);
  const parts: readonly (readonly [string, string | number | undefined])[] = [
    ['name', nic.name],
    ['bridge', nic.bridge],
    ['firewall', isFiltered === undefined ? undefined : isFiltered ? 1 : 0],
    ['gw', nic.gateway],
    ['gw6', nic.gateway6],
    ['hwaddr', nic.mac?.toUpperCase()],
    ['ip', nic.ip],
    ['ip6', nic.ip6],
    ['mtu', nic.mtu],
    ['rate', nic.rateMBps],
    ['tag', nic.vlan],
  ];
  return new Map(
    parts.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const])),
  );
}

/** Where a new NIC goes: which folder, node and slot its address is derived from. */
export type NewNic = { readonly folder: Folder; readonly node: string; readonly index: number };

/** `netN` of a NIC that is not there yet: with the address that the folder gives or a derived one. */
export function newNic(nic: DesiredNic, desired: DesiredContainer, { folder, node, index }: NewNic): string {
  const { folderId } = folder;
  const mac = nic.mac?.toUpperCase() ?? deriveMac({ folderId, node, vmid: desired.vmid, index });
  const parts = new Map([...declaredParts(nic, desired), ['hwaddr', mac], ['type', 'veth']]);
  return printProperties(parts);
}
