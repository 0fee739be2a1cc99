import { program } from './program.ts';

/** Prints the node's network and the files that say what it should be; behind `HOST_SH`, in the same shell. */
export const NETWORK_SH = program`
if has_part network; then
  add_texts /etc/network/interfaces /etc/network/interfaces.d/* /etc/resolv.conf /etc/hosts
  say host links
  for link in /sys/class/net/*; do line "\${link##*/}"; done
  block addresses ip -o address show
  block routes ip route show default
  block sessions ss -Htn state established '( sport = :22 or sport = :8006 )'
fi
if has_part firewall; then
  add_texts "/etc/pve/nodes/$node/host.fw"
fi`;
