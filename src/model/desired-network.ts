import type { Position } from './diagnostic.ts';

/** What the host's network should be. Interfaces that it does not name stay as they are found. */
export type DesiredNetwork = {
  readonly interfaces: readonly DesiredInterface[];
  /** Undefined: `/etc/resolv.conf` is not managed. */
  readonly nameservers?: readonly string[];
  readonly searchDomain?: string;
  /** How long a change waits for its confirmation before the host takes it back by itself. */
  readonly confirmWithinSeconds: number;
  /** Where it stands, for diagnostics. */
  readonly position: Position;
};

/**
 * One interface of the host; undefined parts are not managed. `address` is CIDR, `dhcp` or `manual`
 * (no address), `address6` also `auto`.
 */
export type DesiredInterface = {
  readonly name: string;
  readonly position: Position;
  readonly address?: string;
  readonly gateway?: string;
  readonly address6?: string;
  readonly gateway6?: string;
  readonly mtu?: number;
} & (
  | {
      readonly kind: 'bridge';
      /** Undefined: the ports that are found stay; none: a bridge of guests alone. */
      readonly ports?: readonly string[];
      readonly isVlanAware?: boolean;
      /** VLANs of a VLAN-aware bridge: `2-4094`. */
      readonly vlanIds?: string;
    }
  | {
      readonly kind: 'bond';
      readonly members: readonly string[];
      readonly mode: string;
      /** The member that an active-backup bond prefers. */
      readonly primary?: string;
      readonly hashPolicy?: string;
    }
  | { readonly kind: 'vlan'; readonly device: string; readonly tag: number }
  | { readonly kind: 'plain' }
);
