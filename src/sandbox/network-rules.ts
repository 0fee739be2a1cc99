import { UPLINK } from './holder.ts';

/**
 * The rules of nftables that make the sandbox its guests' way out: addresses are translated, and
 * whoever they ask for names, unless it is one of them, the sandbox answers in its place. So a
 * resolver that only the real network has works here too.
 */
export const NETWORK_RULES = `table ip phoenix
delete table ip phoenix
table ip phoenix {
  chain names {
    type nat hook prerouting priority -100; policy accept;
    iifname "${UPLINK.device}" return
    fib daddr type local meta l4proto { tcp, udp } th dport 53 dnat to ${UPLINK.dns}
    fib daddr oifname != "${UPLINK.device}" return
    meta l4proto { tcp, udp } th dport 53 dnat to ${UPLINK.dns}
  }
  chain out {
    type nat hook postrouting priority 100; policy accept;
    oifname "${UPLINK.device}" masquerade
  }
}
`;
