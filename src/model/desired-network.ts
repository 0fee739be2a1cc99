/** The node's network. An interface that is not in it is not managed. */
export type DesiredNetwork = {
  readonly interfaces: readonly DesiredInterface[];
  readonly nameservers?: readonly string[];
  readonly searchDomain?: string;
};

/** A stanza of `/etc/network/interfaces`; undefined parts are not managed. Addresses are CIDR. */
export type DesiredInterface = {
  readonly name: string;
  readonly kind: 'bridge' | 'bond' | 'vlan' | 'physical';
  readonly addresses?: readonly string[];
  readonly gateway?: string;
  readonly gateway6?: string;
  readonly mtu?: number;
  /** Of a bridge: its ports. Of a bond: its slaves. */
  readonly ports?: readonly string[];
  readonly isVlanAware?: boolean;
  readonly bondMode?: string;
  readonly vlanDevice?: string;
  readonly vlanId?: number;
};
