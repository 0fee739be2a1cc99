import { UPLINK } from './holder.ts';
import type { ExpectedBridge } from './needs.ts';

/**
 * The rules of nftables that make the sandbox its guests' way out: addresses are translated, and
 * whoever they ask for names, unless it is one of them, the sandbox answers in its place. So a
 * resolver that only the real network has works here too.
 */
export function networkRules(bridges: readonly ExpectedBridge[]): string {
  const networks = bridges
    .flatMap(({ addresses }) => addresses)
    .map(networkOf)
    .filter((network) => network !== undefined);
  const inside = [...new Set(networks)].join(', ');
  return `table ip phoenix
delete table ip phoenix
table ip phoenix {
  chain names {
    type nat hook prerouting priority -100; policy accept;
    iifname "${UPLINK.device}" return
    fib daddr type local meta l4proto { tcp, udp } th dport 53 dnat to ${UPLINK.dns}
    ${inside === '' ? '' : `ip daddr { ${inside} } return`}
    meta l4proto { tcp, udp } th dport 53 dnat to ${UPLINK.dns}
  }
  chain out {
    type nat hook postrouting priority 100; policy accept;
    oifname "${UPLINK.device}" masquerade
  }
}
`;
}

/** The network of an IPv4 address with prefix length; undefined for IPv6. */
export function networkOf(cidr: string): string | undefined {
  const [address = '', length = '32'] = cidr.split('/');
  const parts = address.split('.').map(Number);
  if (parts.length !== 4) return undefined;
  const size = 2 ** (32 - Number(length));
  const number = parts.reduce((total, part) => total * 256 + part, 0);
  const network = Math.floor(number / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join('.')}/${length}`;
}
