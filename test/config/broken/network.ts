import { node, type BrokenCase } from './case.ts';

const network = (keys: string): Record<string, string> => node(`"network": { ${keys} }`);
const firewall = (keys: string): Record<string, string> => node(`"firewall": { ${keys} }`);

/** The host's own network and firewall. */
export const NETWORK: readonly BrokenCase[] = [
  {
    name: 'a bridge that is described twice',
    files: network('"interfaces": { "name": "vmbr0" },\n  "bridges": [▸{ "name": "vmbr0" }]'),
    code: 'duplicate-interface',
    remedy: 'Make one of the two.',
  },
  {
    name: 'a port of two bridges',
    files: network('"bridges": [{ "name": "a0", "ports": ["eno1"] }, ▸{ "name": "a1", "ports": ["eno1"] }]'),
    code: 'interface-in-use',
    remedy: 'Give the address to the bridge',
    detail: 'eno1 belongs to a0 already.',
  },
  {
    name: 'a port with an address of its own',
    files: network(
      '"bridges": [{ "name": "a0", "ports": ["eno1"] }],\n  "nics": [▸{ "name": "eno1", "address": "10.0.0.2/24" }]',
    ),
    code: 'interface-in-use',
    remedy: 'Give the address to the bridge',
  },
  {
    name: 'a bridge over a VLAN of itself',
    files: network(
      '"bridges": [▸{ "name": "a0", "ports": ["a0.5"] }],\n  "vlans": [{ "device": "a0", "tag": 5 }]',
    ),
    code: 'interface-circle',
    remedy: 'Break the circle.',
  },
  {
    name: 'a bond of one',
    files: network('"bonds": [▸{ "name": "bond0", "members": ["eno1"], "mode": "802.3ad" }]'),
    code: 'small-bond',
    remedy: 'Add another',
  },
  {
    name: 'a primary that is no member',
    files: network(
      '"bonds": [▸{ "name": "bond0", "members": ["eno1", "eno2"], "mode": "active-backup", "primary": "eno3" }]',
    ),
    code: 'unknown-member',
    remedy: 'Name one of them.',
  },
  {
    name: 'a primary where there is none',
    files: network(
      '"bonds": [▸{ "name": "bond0", "members": ["eno1", "eno2"], "mode": "802.3ad", "primary": "eno1" }]',
    ),
    code: 'unused-bond-key',
    remedy: 'Remove it.',
  },
  {
    name: 'VLANs of a bridge that knows none',
    files: network('"bridges": [▸{ "name": "a0", "vlan_ids": "2-20" }]'),
    code: 'vlans-without-awareness',
    remedy: '"vlan_aware": true',
  },
  {
    name: 'two gateways',
    files: network(
      '"interfaces": { "address": "10.0.0.2/24", "gateway": "10.0.0.1" },\n  "bridges": [▸{ "name": "a0", "address": "10.1.0.2/24", "gateway": "10.1.0.1" }]',
    ),
    code: 'two-gateways',
    remedy: 'Keep the one that leads out.',
  },
  {
    name: 'a gateway of the node in another network',
    files: network('"interfaces": ▸{ "address": "10.0.0.2/24", "gateway": "10.1.0.1" }'),
    code: 'gateway-outside-subnet',
    remedy: 'Correct one of the two.',
  },
  {
    name: 'an address of the node on two bridges',
    files: network(
      '"bridges": [{ "name": "a0", "address": "10.0.0.2/24" }, ▸{ "name": "a1", "address": "10.0.0.2/24" }]',
    ),
    code: 'duplicate-ip',
    remedy: 'Give one another address.',
  },
  {
    name: 'a rule that puts in no group',
    files: firewall('"rules": [{ "type": ▸"group" }]'),
    code: 'incomplete-rule',
    remedy: 'Add "group"',
  },
  {
    name: 'a rule that does nothing',
    files: firewall('"host": { "rules": [{ "type": ▸"in", "port": 22, "proto": "tcp" }] }'),
    code: 'incomplete-rule',
    remedy: 'Add "action"',
  },
  {
    name: 'an alias that is given twice',
    files: firewall(
      '"aliases": [{ "name": "office", "address": "10.0.0.0/24" }, { "name": ▸"Office", "address": "10.1.0.0/24" }]',
    ),
    code: 'duplicate-firewall-name',
    remedy: 'Rename one.',
  },
];
