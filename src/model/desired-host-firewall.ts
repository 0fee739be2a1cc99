import type { DesiredFirewallRule } from './desired.ts';

/** Proxmox's firewall of the datacenter and of the node. Undefined parts are not managed. */
export type DesiredHostFirewall = {
  readonly enabled?: boolean;
  readonly inputPolicy?: string;
  readonly outputPolicy?: string;
  readonly rules: readonly DesiredFirewallRule[];
};
