import type { DesiredVmNic } from '../../model/desired.ts';
import type { Path } from '../parse/tree.ts';
import type { RawVm } from '../raw-guest.ts';
import type { VmDefaults, VmNicConfig } from '../schema/vm.ts';

/** A declared NIC with its slot, its place in the VM's object, and the place of its MAC address. */
export type VmNicEntry = {
  readonly slot: string;
  readonly nic: Omit<VmNicConfig, 'slot'>;
  readonly path: Path;
  readonly macPath: Path;
};

/**
 * The NICs that a VM declares: `network_config`, `network_bridge` and `mac_address` are net0, then the
 * list. A NIC of the list without a slot gets the first one that no other names.
 */
export function vmNicEntries({ config }: RawVm): readonly VmNicEntry[] {
  const { network_config, network_bridge, mac_address, network_interfaces: listed = [] } = config;
  const hasFirst = (network_config ?? network_bridge ?? mac_address) !== undefined;
  const taken = new Set(listed.flatMap(({ slot }) => slot ?? []));
  if (hasFirst) taken.add('net0');
  const first: VmNicEntry = {
    slot: 'net0',
    nic: { ...network_config, bridge: network_bridge, mac_address } as VmNicConfig,
    path: ['network_config'],
    macPath: ['mac_address'],
  };
  return [
    ...(hasFirst ? [first] : []),
    ...listed.map((nic, index) => {
      const path = ['network_interfaces', index];
      return { slot: nic.slot ?? takeSlot('net', taken), nic, path, macPath: [...path, 'mac_address'] };
    }),
  ];
}

/** The first slot `<prefix>N` that is free; from then on it is not. */
export function takeSlot(prefix: string, taken: Set<string>): string {
  let index = 0;
  while (taken.has(`${prefix}${index}`)) index += 1;
  taken.add(`${prefix}${index}`);
  return `${prefix}${index}`;
}

/**
 * The NICs of a VM. One without a bridge has that of the same slot in the guests that it is cloned
 * from (`line`, the nearest first); a VM from an image has one NIC at least. Of a VM that the folder did
 * not make, what is not said is not managed.
 */
export function vmNicsOf(
  guest: RawVm,
  defaults: VmDefaults,
  line: readonly RawVm[],
): readonly DesiredVmNic[] {
  const declared = vmNicEntries(guest);
  const isSilent = guest.config.network_interfaces === undefined && declared.length === 0;
  const last = (line.at(-1) ?? guest).config.existing === true ? undefined : 'vmbr0';
  return (isSilent ? impliedNics(line) : declared).map(({ slot, nic }, index) => {
    const inherited = line.flatMap(vmNicEntries).find((entry) => entry.slot === slot && entry.nic.bridge);
    const bridge = nic.bridge ?? defaults.network_bridge ?? inherited?.nic.bridge ?? last;
    const firewall = nic.firewall ?? (index === 0 ? guest.config.firewall?.enabled : undefined);
    return {
      slot,
      ...(bridge !== undefined && { bridge }),
      ...(nic.model !== undefined && { model: nic.model }),
      ...(nic.mac_address !== undefined && { mac: nic.mac_address.toUpperCase() }),
      ...(firewall !== undefined && { firewall }),
      ...(nic.vlan !== undefined && { vlan: nic.vlan }),
      ...(nic.mtu !== undefined && { mtu: nic.mtu }),
      ...(nic.rate_mbps !== undefined && { rateMBps: nic.rate_mbps }),
      ...(nic.ip !== undefined && { ip: nic.ip }),
      // A gateway only means something beside a static address; elsewhere a warning says so.
      ...(nic.gw !== undefined && nic.ip?.includes('/') && { gateway: nic.gw }),
      ...(nic.ip6 !== undefined && { ip6: nic.ip6.toLowerCase() }),
      ...(nic.gw6 !== undefined && nic.ip6?.includes('/') && { gateway6: nic.gw6.toLowerCase() }),
    };
  });
}

/** How the source's NICs are attached, without what is an address of its own. */
function impliedNics(line: readonly RawVm[]): readonly VmNicEntry[] {
  const inherited = line.map(vmNicEntries).find((entries) => entries.length > 0) ?? [
    { slot: 'net0', nic: {} as VmNicConfig },
  ];
  return inherited.map(({ slot, nic }) => {
    const { mac_address: _, ip: __, gw: ___, ip6: ____, gw6: _____, ...attached } = nic;
    return { slot, nic: attached as VmNicConfig, path: [], macPath: [] };
  });
}
