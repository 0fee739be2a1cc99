import type { DesiredVmNic } from '../../model/desired.ts';
import type { DocumentsInput } from './documents.ts';
import { isDocument, type Document } from './merge.ts';

/**
 * The network-config, version 2. Each NIC is known by its MAC and named `eth<slot>`, as Proxmox's own
 * documents have it; one without any address asks by DHCP. DNS goes to the NIC that has a gateway. Where
 * the folder says nothing of NICs, those that are there (a clone has its source's) ask by DHCP.
 */
export function networkConfig({ desired, macs }: DocumentsInput): Document {
  const { cloudInit } = desired;
  const there = [...macs.keys()].toSorted().map((slot): DesiredVmNic => ({ slot }));
  const nics = desired.nics.length > 0 ? desired.nics : there;
  const main = nics.find((nic) => nic.gateway ?? nic.gateway6) ?? nics[0];
  const ethernets = nics.flatMap((nic) => {
    const mac = macs.get(nic.slot);
    if (mac === undefined) return [];
    const name = nicName(nic);
    const entry = {
      match: { macaddress: mac.toLowerCase() },
      'set-name': name,
      ...addresses(nic),
      ...(nic === main && nameservers(cloudInit)),
      ...(nic.mtu !== undefined && nic.mtu > 1 && { mtu: nic.mtu }),
      // A boot waits for the main NIC alone.
      ...(nic !== main && { optional: true }),
    };
    return [[name, entry] as const];
  });
  return { version: 2, ethernets: Object.fromEntries(ethernets) };
}

/**
 * A merged network-config in which our own NICs are what they must be: the MACs that they are known by
 * and how they get their addresses. What a template adds to their lists stays.
 */
export function withOwnNics(merged: Document, own: Document): Document {
  const ours = isDocument(own['ethernets']) ? own['ethernets'] : {};
  const theirs = isDocument(merged['ethernets']) ? merged['ethernets'] : {};
  const ethernets = Object.entries(ours).map(([name, entry]) => {
    const other = theirs[name];
    if (!isDocument(entry) || !isDocument(other)) return [name, entry] as const;
    const held = Object.entries(entry).filter(([key, value]) => HELD.has(key) && !Array.isArray(value));
    return [name, { ...other, ...Object.fromEntries(held) }] as const;
  });
  return { ...merged, version: 2, ethernets: { ...theirs, ...Object.fromEntries(ethernets) } };
}

const HELD: ReadonlySet<string> = new Set(['match', 'set-name', 'dhcp4', 'dhcp6', 'accept-ra']);

function nicName({ slot }: DesiredVmNic): string {
  return slot.replace(/^net/, 'eth');
}

function addresses({ ip, ip6, gateway, gateway6 }: DesiredVmNic): Document {
  const isSilent = ip === undefined && ip6 === undefined;
  const fixed = [ip, ip6].filter((one): one is string => one !== undefined && one.includes('/'));
  const routes = [
    ...(gateway === undefined ? [] : [{ to: '0.0.0.0/0', via: gateway }]),
    ...(gateway6 === undefined ? [] : [{ to: '::/0', via: gateway6 }]),
  ];
  return {
    dhcp4: isSilent || ip === 'dhcp',
    dhcp6: ip6 === 'dhcp',
    ...(ip6 === 'auto' && { 'accept-ra': true }),
    ...(fixed.length > 0 && { addresses: fixed }),
    ...(routes.length > 0 && { routes }),
  };
}

function nameservers({
  nameservers: servers = [],
  searchDomain,
}: DocumentsInput['desired']['cloudInit']): Document {
  const search = (searchDomain ?? '').split(/[\s,]+/).filter((domain) => domain !== '');
  if (servers.length === 0 && search.length === 0) return {};
  return {
    nameservers: {
      ...(servers.length > 0 && { addresses: [...servers] }),
      ...(search.length > 0 && { search }),
    },
  };
}
