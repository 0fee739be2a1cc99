import { isIPv4, isIPv6 } from 'node:net';

/** Proxmox's named formats of firewall rules: each gives its complaint, or undefined where all is fine. */
export const FIREWALL_FORMATS: Readonly<Record<string, (value: string) => string | undefined>> = {
  'pve-fw-addr-spec': (value) => complainOfAddresses(value),
  'pve-fw-protocol-spec': (value) =>
    PROTOCOLS.has(value) || isNumberBelow(value, 256) ? undefined : `unknown protocol '${value}'`,
  'pve-fw-dport-spec': (value) => complainOfPorts(value, true),
  'pve-fw-sport-spec': (value) => complainOfPorts(value, false),
};

/** The version of a list's addresses; undefined for names and for lists that have none or both. */
export function addressVersion(list: string): 4 | 6 | undefined {
  const versions = new Set(list.split(',').map(versionOf));
  const [only] = versions;
  return versions.size === 1 ? only : undefined;
}

/** Is this the name of an alias, with or without where it is defined? */
export function isAliasName(value: string): boolean {
  return /^(?:dc\/|guest\/)?[A-Za-z][A-Za-z0-9_-]+$/.test(value);
}

function complainOfAddresses(list: string): string | undefined {
  if (list.startsWith('+') || isAliasName(list)) return undefined;
  const entries = list.split(',');
  if (entries.includes('')) return 'extraneous commas in list';
  const odd = entries.find((entry) => versionOf(entry) === undefined);
  if (odd !== undefined) return `invalid IP address: ${odd}`;
  if (addressVersion(list) === undefined) {
    return `detected mixed ipv4/ipv6 addresses in address list '${list}'`;
  }
  const hasRange = entries.some((entry) => entry.includes('-'));
  return hasRange && entries.length > 1 ? "you can't use a range in a list" : undefined;
}

function complainOfPorts(list: string, allowsIcmp: boolean): string | undefined {
  const entries = list.split(',');
  if (entries.includes('')) return 'extraneous commas in list';
  let count = 0;
  for (const entry of entries) {
    const [, from, to] = /^(\d+)(?::(\d+))?$/.exec(entry) ?? [];
    if (from === undefined) {
      const isKnown = SERVICES.has(entry) || (allowsIcmp && ICMP_TYPES.has(entry));
      if (!isKnown) return `invalid port '${entry}'`;
      continue;
    }
    count += to === undefined ? 1 : 2;
    const tooLarge = [from, to].find((port) => port !== undefined && Number(port) > 65_535);
    if (tooLarge !== undefined) return `invalid port '${tooLarge}'`;
    if (to !== undefined && Number(from) > Number(to)) {
      return `backwards range '${from}:${to}' not allowed, did you mean '${to}:${from}'?`;
    }
  }
  return count > 15 ? 'too many entries in port list (> 15 numbers)' : undefined;
}

/** The version of an address, a network or a range. */
function versionOf(entry: string): 4 | 6 | undefined {
  const addresses = entry.split(/-|\/(?=\d+$)/).filter((part, index) => index === 0 || !/^\d+$/.test(part));
  if (addresses.every((address) => isIPv4(address))) return 4;
  return addresses.every((address) => isIPv6(address)) ? 6 : undefined;
}

function isNumberBelow(value: string, limit: number): boolean {
  return /^\d+$/.test(value) && Number(value) < limit;
}

const PROTOCOLS = new Set(
  (
    'ip icmp igmp ggp ipencap st tcp egp igp pup udp hmp xns-idp rdp iso-tp4 dccp xtp ddp idpr-cmtp ipv6 ' +
    'ipv6-route ipv6-frag idrp rsvp gre esp ah skip icmpv6 ipv6-icmp ipv6-nonxt ipv6-opts rspf vmtp eigrp ' +
    'ospf ax.25 ipip etherip encap pim ipcomp vrrp l2tp isis sctp fc mobility-header udplite mpls-in-ip hip ' +
    'shim6 wesp rohc'
  ).split(' '),
);

/** The services of /etc/services that rules are likely to name. */
const SERVICES = new Set(
  (
    'ftp-data ftp ssh telnet smtp time domain bootps bootpc tftp gopher finger http www kerberos pop3 sunrpc ' +
    'auth nntp ntp netbios-ns netbios-dgm netbios-ssn imap2 imap snmp snmp-trap bgp irc ldap https ' +
    'microsoft-ds isakmp syslog printer submission ldaps rsync imaps pop3s openvpn ms-sql-s mysql nfs ' +
    'postgresql rdp sip sips x11 mdns git redis zabbix-agent zabbix-trapper'
  ).split(' '),
);

const ICMP_TYPES = new Set(
  (
    'any echo-reply destination-unreachable source-quench redirect echo-request ping pong router-advertisement ' +
    'router-solicitation time-exceeded ttl-exceeded parameter-problem timestamp-request timestamp-reply ' +
    'packet-too-big neighbour-solicitation neighbour-advertisement'
  ).split(' '),
);
