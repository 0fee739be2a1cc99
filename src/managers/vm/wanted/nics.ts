import type { DesiredVm, DesiredVmNic, Folder } from '../../../model/desired.ts';
import { deriveMac } from '../../../pve/mac.ts';
import { definedParts, type Properties } from '../../../pve/property-string.ts';

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

/** `netN` of a NIC that is not there yet: with the address that the folder gives or a derived one. */
export function newNic(
  nic: DesiredVmNic,
  desired: DesiredVm,
  place: { folder: Folder; node: string },
): string {
  const { model = 'virtio', macaddr, ...parts } = Object.fromEntries(declaredNic(nic, desired));
  const index = Number(nic.slot.slice('net'.length));
  const mac =
    macaddr ?? deriveMac({ folderId: place.folder.folderId, node: place.node, vmid: desired.vmid, index });
  return [`${model}=${mac}`, ...Object.entries(parts).map(([part, value]) => `${part}=${value}`)].join(',');
}
