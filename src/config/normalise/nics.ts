import type { DesiredNic } from '../../model/desired.ts';
import type { Findings } from '../diagnose.ts';
import type { RawContainer } from '../raw-guest.ts';
import type { NicConfig } from '../schema/container.ts';

/** The NICs of a container: `network_config`, then the second one, then the list. */
export function nicsOf(guest: RawContainer, findings: Findings): readonly DesiredNic[] {
  const { config, vmid } = guest;
  const declared = nicEntries(guest);
  const names = new Set<string>();
  return declared.map(({ nic, path }, index) => {
    const mac = macOf(guest, nic, path, index === 0, findings);
    const name = nic.name ?? `eth${index}`;
    if (names.has(name)) {
      findings.add('duplicate-nic', {
        summary: 'Two network interfaces have the same name',
        detail: `${name} stands twice.`,
        position: guest.at(...path, 'name'),
        target: vmid,
      });
    }
    names.add(name);
    return {
      name,
      bridge: nic.bridge ?? 'vmbr0',
      ...(nic.ip !== undefined && { ip: nic.ip }),
      // A gateway only means something beside a static address; elsewhere a warning says so.
      ...(nic.gw !== undefined && nic.ip?.includes('/') && { gateway: nic.gw }),
      ...(nic.ip6 !== undefined && { ip6: nic.ip6.toLowerCase() }),
      ...(nic.gw6 !== undefined && nic.ip6?.includes('/') && { gateway6: nic.gw6.toLowerCase() }),
      ...(mac !== undefined && { mac }),
      ...(nic.firewall === undefined
        ? index === 0 && config.firewall?.enabled !== undefined && { firewall: config.firewall.enabled }
        : { firewall: nic.firewall }),
      ...(nic.vlan !== undefined && { vlan: nic.vlan }),
      ...(nic.mtu !== undefined && { mtu: nic.mtu }),
      ...(nic.rate_mbps !== undefined && { rateMBps: nic.rate_mbps }),
    };
  });
}

/** The declared NICs with their places in the guest's object. */
export function nicEntries(
  guest: RawContainer,
): readonly { readonly nic: NicConfig; readonly path: readonly (string | number)[] }[] {
  const { network_config, secondary_network_config, network_interfaces, mac_address } = guest.config;
  const first = network_config ?? (mac_address === undefined ? undefined : {});
  return [
    ...(first ? [{ nic: first, path: ['network_config'] }] : []),
    ...(secondary_network_config
      ? [{ nic: secondary_network_config, path: ['secondary_network_config'] }]
      : []),
    ...(network_interfaces ?? []).map((nic, index) => ({ nic, path: ['network_interfaces', index] })),
  ];
}

function macOf(
  guest: RawContainer,
  nic: NicConfig,
  path: readonly (string | number)[],
  isFirst: boolean,
  findings: Findings,
): string | undefined {
  const own = nic.hwaddr?.toUpperCase();
  const outer = isFirst ? guest.config.mac_address?.toUpperCase() : undefined;
  if (own !== undefined && outer !== undefined && own !== outer) {
    findings.add('conflicting-values', {
      summary: 'mac_address and hwaddr differ',
      detail: `One says ${outer}, the other ${own}.`,
      position: guest.at(...path, 'hwaddr'),
      target: guest.vmid,
    });
  }
  return own ?? outer;
}
