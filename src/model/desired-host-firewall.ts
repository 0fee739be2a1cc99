import type { Position } from './diagnostic.ts';

/** The datacenter's and the host's firewall as the folder wants them; guests' own stand with the guests. */
export type DesiredHostFirewall = {
  readonly datacenter: DesiredFirewallLevel;
  readonly host?: DesiredFirewallLevel;
  readonly aliases: readonly DesiredAlias[];
  readonly ipSets: readonly DesiredIpSet[];
  readonly groups: readonly DesiredSecurityGroup[];
  /** How long a change waits for its confirmation before the host takes it back by itself. */
  readonly confirmWithinSeconds: number;
  readonly position: Position;
};

export type DesiredFirewallLevel = {
  /** Undefined: as it is found. */
  readonly enabled?: boolean;
  readonly inputPolicy?: string;
  readonly outputPolicy?: string;
  readonly rules: readonly DesiredLevelRule[];
};

/** A rule, or a security group put in among the rules. */
export type DesiredLevelRule =
  | {
      readonly type: 'in' | 'out';
      readonly action: string;
      readonly proto?: string;
      readonly port?: string;
      readonly source?: string;
      readonly dest?: string;
      readonly iface?: string;
      readonly comment?: string;
    }
  | { readonly type: 'group'; readonly group: string; readonly iface?: string; readonly comment?: string };

export type DesiredAlias = { readonly name: string; readonly address: string; readonly comment?: string };

export type DesiredIpSet = {
  readonly name: string;
  /** Addresses, networks and aliases; a leading `!` takes one out. */
  readonly entries: readonly string[];
  readonly comment?: string;
};

export type DesiredSecurityGroup = {
  readonly name: string;
  readonly rules: readonly DesiredLevelRule[];
  readonly comment?: string;
};
