import { program } from './program.ts';

/** Prints the node's network and the files that say what it should be; behind `HOST_SH`, in the same shell. */
export const NETWORK_SH = program`
if has_part network; then
  add_texts /etc/network/interfaces /etc/network/interfaces.d/* /etc/resolv.conf /etc/hosts
  block addresses ip -o address show
  block routes ip route show default
fi`;
