import * as v from 'valibot';
import { key, need, once } from './key.ts';
import * as s from './scalars.ts';

const interfaceName = s.line(
  'the name of an interface, such as eno1 or eno1.5',
  /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/,
);
const vlanTag = s.whole(1, 4094);
const vlanList = s.line(
  'VLANs, such as 2-4094 or "10 20-29"',
  /^\d{1,4}(?:-\d{1,4})?(?:[ ,]+\d{1,4}(?:-\d{1,4})?)*$/,
);

/** Addresses of an interface of the node. */
const addressKeys = {
  address: key(s.ipv4Setting, 'Address of the node there, with prefix length; dhcp; or manual for none.', {
    example: '10.0.0.13/24',
  }),
  gateway: key(s.ipv4, 'Way out of the network. Only one interface has one.', { example: '10.0.0.1' }),
  address6: key(s.ipv6Setting, 'IPv6 address with prefix length; auto, dhcp or manual.', {
    example: 'fd00::13/64',
  }),
  gateway6: key(s.ipv6, 'Way out of the network for IPv6.', { example: 'fd00::1' }),
  mtu: key(s.whole(576, 65_520, 'bytes'), 'Largest packet in bytes.', { example: 9000 }),
};

const bridge = once(() =>
  v.object({
    name: need(s.bridge, 'Name of the bridge.', { example: 'vmbr0' }),
    ports: key(
      v.array(interfaceName),
      'Interfaces of the node that belong to it. Absent: those that it has; empty: none.',
      { example: ['eno1'] },
    ),
    vlan_aware: key(s.flag, 'Pass tagged frames of VLANs on to guests.'),
    vlan_ids: key(vlanList, 'VLANs of a VLAN-aware bridge. Default for a new one: 2-4094.', {
      example: '2-4094',
    }),
    ...addressKeys,
  }),
);

const bond = once(() =>
  v.object({
    name: need(interfaceName, 'Name of the bond.', { example: 'bond0' }),
    members: need(v.array(interfaceName), 'Interfaces of the node that it joins.', {
      example: ['eno1', 'eno2'],
    }),
    mode: need(
      v.pipe(
        v.picklist([
          'balance-rr',
          'active-backup',
          'balance-xor',
          'broadcast',
          '802.3ad',
          'balance-tlb',
          'balance-alb',
        ]),
        v.metadata({ expects: 'a mode of bonding, such as active-backup or 802.3ad' }),
      ),
      'How it joins them.',
      { example: 'active-backup' },
    ),
    primary: key(interfaceName, 'Member that active-backup prefers.'),
    hash_policy: key(
      v.pipe(
        v.picklist(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4', 'vlan+srcmac']),
        v.metadata({ expects: 'layer2, layer2+3 or layer3+4' }),
      ),
      'How 802.3ad and balance-xor spread traffic.',
    ),
    ...addressKeys,
  }),
);

const vlan = once(() =>
  v.object({
    name: key(interfaceName, 'Name of the interface. Default: <device>.<tag>.'),
    device: need(interfaceName, 'Interface that carries the tagged frames.', { example: 'eno1' }),
    tag: need(vlanTag, 'Number of the VLAN.', { example: 5 }),
    ...addressKeys,
  }),
);

const nic = once(() =>
  v.object({
    name: need(interfaceName, 'Name of a network card.', { example: 'eno1' }),
    ...addressKeys,
  }),
);

/** Keys below `network` that describe the node's interfaces. */
export const networkKeys = once(() => ({
  bridges: key(v.array(bridge()), 'Bridges of the node.'),
  bonds: key(v.array(bond()), 'Network cards of the node joined to one link.'),
  vlans: key(v.array(vlan()), 'Interfaces of the node in a VLAN.'),
  nics: key(v.array(nic()), 'Network cards of the node with an address of their own.'),
  nameservers: key(s.ipAddresses, 'DNS servers of the node: a text or a list.', {
    example: ['10.0.0.53'],
  }),
  search_domain: key(s.hostName, 'Domain that is tried for host names without one.'),
  confirm_within_seconds: key(
    s.whole(15, 3600, 'seconds'),
    'How long a change of the network or the firewall waits for its confirmation before the node takes it back by itself. Default 90.',
    { example: 90 },
  ),
}));
