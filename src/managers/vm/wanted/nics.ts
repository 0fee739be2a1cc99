import type { DesiredVm, DesiredVmNic, Folder } from '../../../model/desired.ts';
import { deriveMac } from '../../../pve/mac.ts';
import { definedParts, printProperties, type Properties } from '../../../pve/property-string.ts';

/** What the folder says of a NIC, as parts of `netN`; a part that it doesn't say is not managed. */
export function declaredNic(nic: DesiredVmNic, { firewall }: DesiredVm): Properties {
  return definedParts([
    ['model', nic.model],
    ['macaddr', nic.mac?.toUpperCase()],
    ['bridge', nic.bridge],
    ['firewall', nic.firewall ?? (firewall?.enabled === true ? true : undefined)],
    ['mtu', nic.mtu],
    ['rate', nic.rateMBps],
    ['tag', nic.vlan],
  ]);
}

/** Where a NIC belongs that gets an address: what that is derived from. */
export type NicPlace = { readonly folder: Folder; readonly node: string };

/** `netN` of a NIC that is not there yet: with the address that the folder gives or a derived one. */
export function newNic(nic: DesiredVmNic, desired: DesiredVm, place: NicPlace): string {
  const declared = declaredNic(nic, desired);
  const rest = [...declared].filter(([part]) => part !== 'model' && part !== 'macaddr');
  const mac = declared.get('macaddr') ?? derivedMac(nic, desired, place);
  return printProperties(new Map([[declared.get('model') ?? 'virtio', mac], ...rest]));
}

/** The address of a NIC that the folder gives none. */
export function derivedMac({ slot }: DesiredVmNic, { vmid }: DesiredVm, { folder, node }: NicPlace): string {
  return deriveMac({ folderId: folder.folderId, node, vmid, index: Number(slot.slice('net'.length)) });
}
