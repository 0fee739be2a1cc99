import { parseProperties, type Properties } from '../../../pve/property-string.ts';
import { definedOnly, flag, number, unsaid, type Part } from '../../guest/describe/part.ts';

/**
 * NICs and name servers of a container's configuration: the first NIC, then the others in order. A NIC
 * that is not filtered says so where the guest's firewall is on, since that would turn it on.
 */
export function describeNics(keys: ReadonlyMap<string, string>, isFirewallOn: boolean): Part {
  const nics = [...keys]
    .filter(([key]) => /^net\d+$/.test(key))
    .toSorted(([one], [other]) => Number(one.slice(3)) - Number(other.slice(3)))
    .map(([key, text]) => ({ key, parts: parseProperties(text) }));
  const [first, ...others] = nics;
  const nameserver = keys.get('nameserver');
  const dns = definedOnly({
    nameservers: nameserver?.split(/[\s,]+/),
    search_domain: keys.get('searchdomain'),
  });
  return {
    keys: {
      network_config: first && { ...describeNic(first.parts, isFirewallOn), ...dns },
      search_domain: first ? undefined : keys.get('searchdomain'),
      network_interfaces:
        others.length === 0 ? undefined : others.map(({ parts }) => describeNic(parts, isFirewallOn)),
    },
    remarks: [
      ...nics.flatMap(({ key, parts }) => otherParts(key, parts)),
      ...(first || nameserver === undefined
        ? []
        : [`nameserver ${nameserver}: no key says it without a network interface; it stays as it is`]),
    ],
  };
}

const TOLD = new Set([
  'name',
  'bridge',
  'ip',
  'gw',
  'ip6',
  'gw6',
  'hwaddr',
  'tag',
  'mtu',
  'firewall',
  'rate',
  'type',
]);

function describeNic(parts: Properties, isFirewallOn: boolean): Readonly<Record<string, unknown>> {
  const firewall = parts.get('firewall') ?? (isFirewallOn ? '0' : undefined);
  return definedOnly({
    name: parts.get('name'),
    bridge: parts.get('bridge'),
    ip: parts.get('ip'),
    gw: parts.get('gw'),
    ip6: parts.get('ip6'),
    gw6: parts.get('gw6'),
    hwaddr: parts.get('hwaddr'),
    vlan: number(parts.get('tag')),
    mtu: number(parts.get('mtu')),
    firewall: flag(firewall),
    rate_mbps: number(parts.get('rate')),
  });
}

function otherParts(key: string, parts: Properties): readonly string[] {
  return [...parts]
    .filter(([part]) => !TOLD.has(part))
    .map(([part, value]) => unsaid(`${key} ${part}=${value}`));
}
