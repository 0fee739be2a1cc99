import type { DesiredInterface, DesiredNetwork } from '../../model/desired-network.ts';
import type { Position } from '../../model/diagnostic.ts';
import type { Path } from '../parse/tree.ts';
import type { HypervisorConfig } from '../schema/hypervisor-file.ts';

type NetworkConfig = NonNullable<HypervisorConfig['network']>;

/** How long a change of the host's network or firewall waits for its confirmation. */
export const CONFIRM_WITHIN_SECONDS = 90;

/** The host's network; undefined where the folder says nothing of it. */
export function networkOf(
  network: NetworkConfig | undefined,
  at: (...path: Path) => Position,
): DesiredNetwork | undefined {
  if (!network) return undefined;
  const interfaces = declaredInterfaces(network).map(({ found, path }) => ({
    ...found,
    position: at('network', ...path),
  }));
  const nameservers = listOf(network.nameservers ?? network.interfaces?.dns_nameservers);
  if (interfaces.length === 0 && !nameservers && network.search_domain === undefined) return undefined;
  return {
    interfaces,
    ...(nameservers && { nameservers }),
    ...(network.search_domain !== undefined && { searchDomain: network.search_domain }),
    confirmWithinSeconds: network.confirm_within_seconds ?? CONFIRM_WITHIN_SECONDS,
    position: at('network'),
  };
}

type Declared = DistributiveOmit<DesiredInterface, 'position'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Every interface that the file describes, with its place below `network`. */
export function declaredInterfaces(
  network: NetworkConfig,
): readonly { readonly found: Declared; readonly path: Path }[] {
  return [...legacy(network), ...bridges(network), ...bonds(network), ...vlans(network), ...nics(network)];
}

type Found = readonly { readonly found: Declared; readonly path: Path }[];

/** The one object of the shell predecessor: a bridge, whose ports stay as they are found. */
function legacy({ interfaces }: NetworkConfig): Found {
  if (!interfaces) return [];
  const { name = 'vmbr0', ...addresses } = interfaces;
  const says = addresses.address ?? addresses.gateway ?? interfaces.name;
  return says === undefined
    ? []
    : [{ found: { kind: 'bridge', name, ...addressesOf(addresses) }, path: ['interfaces'] }];
}

function bridges({ bridges: list = [] }: NetworkConfig): Found {
  return list.map(({ name, ports, vlan_aware, vlan_ids, ...addresses }, index) => ({
    path: ['bridges', index],
    found: {
      kind: 'bridge',
      name,
      ...(ports && { ports }),
      ...(vlan_aware !== undefined && { isVlanAware: vlan_aware }),
      ...(vlan_ids !== undefined && { vlanIds: vlan_ids.split(/[ ,]+/).join(' ') }),
      ...addressesOf(addresses),
    },
  }));
}

function bonds({ bonds: list = [] }: NetworkConfig): Found {
  return list.map(({ name, members, mode, primary, hash_policy, ...addresses }, index) => ({
    path: ['bonds', index],
    found: {
      kind: 'bond',
      name,
      members,
      mode,
      ...(primary !== undefined && { primary }),
      ...(hash_policy !== undefined && { hashPolicy: hash_policy }),
      ...addressesOf(addresses),
    },
  }));
}

function vlans({ vlans: list = [] }: NetworkConfig): Found {
  return list.map(({ name, device, tag, ...addresses }, index) => ({
    path: ['vlans', index],
    found: { kind: 'vlan', name: name ?? `${device}.${tag}`, device, tag, ...addressesOf(addresses) },
  }));
}

function nics({ nics: list = [] }: NetworkConfig): Found {
  return list.map(({ name, ...addresses }, index) => ({
    path: ['nics', index],
    found: { kind: 'plain', name, ...addressesOf(addresses) },
  }));
}

type Addresses = {
  readonly address?: string | undefined;
  readonly gateway?: string | undefined;
  readonly address6?: string | undefined;
  readonly gateway6?: string | undefined;
  readonly mtu?: number | undefined;
};

function addressesOf({ address, gateway, address6, gateway6, mtu }: Addresses) {
  return {
    ...(address !== undefined && { address }),
    ...(gateway !== undefined && { gateway }),
    ...(address6 !== undefined && { address6: address6.toLowerCase() }),
    ...(gateway6 !== undefined && { gateway6: gateway6.toLowerCase() }),
    ...(mtu !== undefined && { mtu }),
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value.split(/[ ,]+/).filter(Boolean) : value;
}
