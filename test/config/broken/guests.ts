import type { BrokenCase } from './case.ts';
import { clone, guest, lxc, machine, node, vms } from './case.ts';

const net = (keys: string, id = '101') => guest(`"network_config": { ${keys} }`, id);
const one = (keys: string) => lxc(guest(keys));
const rule = (keys: string) => one(`"firewall": { "rules": [${keys}] }`);
const volume = (path: string) => `{ "pool": "p1", "size_gb": 1, "mount_point": ${path} }`;

export const GUESTS: readonly BrokenCase[] = [
  // What a guest is made from
  {
    name: 'neither template nor source',
    files: lxc('▸"101": { "name": "a", "unprivileged": true }'),
    code: 'no-source',
    remedy: 'Add "template", or "clone_from_ctid"',
  },
  {
    name: 'both template and source',
    files: lxc(guest(), guest('"clone_from_ctid": "101"', '102').replace('"template"', '▸"template"')),
    code: 'two-sources',
    remedy: 'Remove "template" or "clone_from_ctid".',
  },
  {
    name: 'no word on privilege',
    files: lxc('▸"101": { "name": "a", "template": "t" }'),
    code: 'privilege-unset',
    remedy: 'Add "unprivileged": true',
  },
  {
    name: 'a clone of an unknown guest',
    files: lxc(guest('', '900'), clone('▸"901"')),
    code: 'unknown-guest',
    remedy: 'Correct the id',
    detail: 'Did you mean "900"?',
  },
  {
    name: 'a clone of a VM',
    files: { ...lxc(clone('▸"201"')), ...vms(machine()) },
    code: 'wrong-kind',
    remedy: 'Clone a guest of the same kind.',
  },
  {
    name: 'a clone that changes privilege',
    files: lxc(guest(), clone('"101"', '"unprivileged": ▸false')),
    code: 'clone-changes-privilege',
    remedy: 'Set "unprivileged": true',
  },
  {
    name: 'a clone of a clone that changes privilege',
    files: lxc(guest(), clone('"101"'), clone('"102"', '"unprivileged": ▸false', '103')),
    code: 'clone-changes-privilege',
    remedy: 'Set "unprivileged": true',
  },
  {
    name: 'a clone with a smaller disk',
    files: lxc(guest('"storage_size_gb": 32'), clone('"101"', '"storage_size_gb": ▸16')),
    code: 'disk-would-shrink',
    remedy: 'Set "storage_size_gb" to 32 or more.',
  },
  {
    name: 'a VM clone with a smaller disk',
    files: vms(
      machine('"disk_size_gb": 32'),
      '{ "vmid": 202, "name": "b", "clone_from_vmid": 201, "disk_size_gb": ▸16 }',
    ),
    code: 'disk-would-shrink',
    remedy: 'Set "disk_size_gb" to 32 or more.',
  },
  {
    name: 'a source with bind mounts',
    files: lxc(guest('"mount_points": [{ "host_path": "/a", "container_path": "/b" }]'), clone('▸"101"')),
    code: 'source-has-mounts',
    remedy: 'Move mount_points from 101',
  },
  {
    name: 'bind mounts and a snapshot',
    files: one(
      '"template_snapshot_name": "final-form", "mount_points": [▸{ "host_path": "/a", "container_path": "/b" }]',
    ),
    code: 'mounts-prevent-snapshots',
    remedy: 'or remove template_snapshot_name.',
  },
  {
    name: 'bind mounts and lifecycle snapshots',
    files: one(
      '"enable_lifecycle_snapshots": true, "mount_points": [▸{ "host_path": "/a", "container_path": "/b" }]',
    ),
    code: 'mounts-prevent-snapshots',
    remedy: 'or remove enable_lifecycle_snapshots.',
  },
  {
    name: 'a template with a snapshot',
    files: one('"template_snapshot_name": "final-form", ▸"is_template": true'),
    code: 'template-with-snapshot',
    remedy: 'Remove is_template or template_snapshot_name.',
  },
  {
    name: 'a VM without a source',
    files: vms('{ ▸"vmid": 201, "name": "a" }'),
    code: 'no-source',
    remedy: 'Add "image" or "template_image"',
  },
  // References
  {
    name: 'an unknown dependency',
    files: one('"dependencies": [▸"555"]'),
    code: 'unknown-guest',
    remedy: 'Correct the id, or describe that guest.',
  },
  {
    name: 'a guest that needs itself',
    files: one('"dependencies": [▸"101"]'),
    code: 'cycle',
    remedy: 'Remove one of these references.',
    detail: '101 -> 101',
  },
  {
    name: 'a circle of two',
    files: lxc(guest('"dependencies": [▸"102"]'), guest('"dependencies": ["101"]', '102')),
    code: 'cycle',
    remedy: 'Remove one of these references.',
    detail: '101 -> 102 -> 101',
  },
  {
    name: 'a circle of three over clone and VM',
    files: {
      ...lxc(guest('"dependencies": [▸"201"]'), clone('"101"')),
      ...vms(machine('"dependencies": ["102"]')),
    },
    code: 'cycle',
    remedy: 'Remove one of these references.',
    detail: '101 -> 201 -> 102 -> 101',
  },
  {
    name: 'a dependency on a golden container',
    files: lxc(guest('"template_snapshot_name": "final-form"', '900'), guest('"dependencies": [▸"900"]')),
    code: 'depends-on-template',
    remedy: 'Remove the dependency.',
  },
  {
    name: 'a dependency that is no id',
    files: one('"dependencies": [▸"web"]'),
    code: 'bad-vmid',
    remedy: 'Write the id of a guest, such as "101".',
  },
  {
    name: 'the same id as container and VM',
    files: { ...lxc(guest()), ...vms(machine('', '101').replace('"vmid"', '▸"vmid"')) },
    code: 'duplicate-vmid',
    remedy: 'Give one another id.',
  },
  {
    name: 'two VMs with an id',
    files: vms(machine(), machine('', '"201"').replace('"vmid"', '▸"vmid"')),
    code: 'duplicate-vmid',
    remedy: 'Give one another id.',
  },
  {
    name: 'two guests with a name',
    files: lxc(guest(), '"102": { "name": ▸"Guest-101", "template": "t", "unprivileged": true }'),
    code: 'duplicate-name',
    remedy: 'Rename one',
  },
  {
    name: 'a boot order against a dependency',
    files: lxc(
      guest('"start_at_boot": true, "boot_order": 5'),
      guest('"start_at_boot": true, "dependencies": ["101"], "boot_order": ▸3', '102'),
    ),
    code: 'boot-order-contradicts',
    remedy: 'Raise its boot_order above 5.',
  },
  {
    name: 'a directory given to two owners',
    files: lxc(
      guest('"mount_points": [{ "host_path": "/srv", "container_path": "/a", "owner_uid": 33 }]'),
      guest('"mount_points": [{ "host_path": "/srv/", "container_path": "/b", "owner_uid": ▸34 }]', '102'),
    ),
    code: 'contradicting-owner',
    remedy: 'Give both the same owner, or let only one of them name it.',
    detail: '101 gives /srv to 33',
  },
  {
    name: 'a directory given to the same id of containers with other id maps',
    files: lxc(
      guest(`"mount_points": [{ "host_path": "/srv", "container_path": "/a", "owner_gid": 33 }]`),
      `"102": { "name": "b", "template": "t", "unprivileged": false,
        "mount_points": [{ "host_path": "/srv", "container_path": "/b", "owner_gid": ▸33 }] }`,
    ),
    code: 'contradicting-owner',
    remedy: 'Give both the same owner, or let only one of them name it.',
    detail: '101 gives /srv to 33, 100033 on the node; 102 to 33, 33 on the node.',
  },
  {
    name: 'a GPU used twice',
    files: lxc(guest('"gpu_assignment": "0, 1"'), guest('"gpu_assignment": ▸"1"', '102')),
    code: 'shared-gpu',
    remedy: 'Nothing needs to be done',
    detail: 'GPU 1 is assigned to 101, 102',
  },
  // Network
  {
    name: 'an address without a prefix',
    files: lxc(net('"ip": ▸"10.0.0.5"')),
    code: 'bad-format',
    remedy: 'Add the prefix length: 10.0.0.5/24.',
  },
  {
    name: 'an address out of range',
    files: lxc(net('"ip": ▸"10.0.0.256/24"')),
    code: 'bad-format',
    remedy: 'Set network_config.ip to an IPv4 address',
  },
  {
    name: 'a prefix out of range',
    files: lxc(net('"ip": ▸"10.0.0.5/33"')),
    code: 'bad-format',
    remedy: 'Set network_config.ip to an IPv4 address',
  },
  {
    name: 'an address with an option behind it',
    files: lxc(net('"ip": ▸"10.0.0.5/24,firewall=0"')),
    code: 'bad-format',
    remedy: 'Set network_config.ip to an IPv4 address',
  },
  {
    name: 'a gateway outside the subnet',
    files: lxc(net('"ip": "10.0.0.5/24", "gw": ▸"10.0.1.1"')),
    code: 'gateway-outside-subnet',
    remedy: 'Correct gw, or the prefix length of ip.',
  },
  {
    name: 'the own address as gateway',
    files: lxc(net('"ip": "10.0.0.5/24", "gw": ▸"10.0.0.5"')),
    code: 'gateway-is-address',
    remedy: 'Correct one of the two.',
  },
  {
    name: 'the address of the network',
    files: lxc(net('"ip": ▸"10.0.0.0/24"')),
    code: 'address-not-a-host',
    remedy: 'Choose another.',
  },
  {
    name: 'the broadcast address',
    files: lxc(net('"ip": ▸"10.0.0.255/24"')),
    code: 'address-not-a-host',
    remedy: 'Choose another.',
  },
  {
    name: 'a gateway beside DHCP',
    files: lxc(net('"ip": "dhcp", ▸"gw": "10.0.0.1"')),
    code: 'gateway-unused',
    remedy: 'Remove gw',
  },
  {
    name: 'an address used twice',
    files: lxc(net('"ip": "10.0.0.5/24"'), net('"ip": ▸"10.0.0.5/16"', '102')),
    code: 'duplicate-ip',
    remedy: 'Give one another address.',
    detail: 'Guest 101 has 10.0.0.5 already',
  },
  {
    name: 'an address of a VM used twice',
    files: {
      ...lxc(net('"ip": "10.0.0.5/24"')),
      ...vms(machine('"network_config": { "ip": ▸"10.0.0.5/24" }')),
    },
    code: 'duplicate-ip',
    remedy: 'Give one another address.',
  },
  {
    name: 'the address of the node',
    files: {
      ...node('"network": { "interfaces": { "name": "vmbr0", "address": "10.0.0.13/24" } }'),
      ...lxc(net('"ip": ▸"10.0.0.13/24"')),
    },
    code: 'duplicate-ip',
    remedy: 'Give one another address.',
    detail: 'The node has',
  },
  {
    name: 'an IPv6 address used twice in two spellings',
    files: lxc(net('"ip6": "fd00::5/64"'), net('"ip6": ▸"FD00:0:0::5/64"', '102')),
    code: 'duplicate-ip',
    remedy: 'Give one another address.',
  },
  {
    name: 'no IPv6 address',
    files: lxc(net('"ip6": ▸"fd00:::5/64"')),
    code: 'bad-format',
    remedy: 'Write it as fd00::5/64.',
  },
  {
    name: 'a MAC address used twice',
    files: lxc(
      guest('"mac_address": "52:54:00:AA:BB:CC"'),
      guest('"mac_address": ▸"52:54:00:aa:bb:cc"', '102'),
    ),
    code: 'duplicate-mac',
    remedy: 'Remove one; Phoenix then derives its own.',
  },
  {
    name: 'a multicast MAC address',
    files: one('"mac_address": ▸"53:54:00:AA:BB:CC"'),
    code: 'bad-format',
    remedy: 'a unicast MAC address',
  },
  {
    name: 'two MAC addresses for one interface',
    files: one('"mac_address": "52:54:00:AA:BB:CC", "network_config": { "hwaddr": ▸"52:54:00:AA:BB:CD" }'),
    code: 'conflicting-values',
    remedy: 'Remove one of the two.',
  },
  {
    name: 'two interfaces with a name',
    files: one('"network_config": { "name": "eth0" }, "network_interfaces": [{ "name": ▸"eth0" }]'),
    code: 'duplicate-nic',
    remedy: 'Rename one.',
  },
  {
    name: 'a bridge with a command',
    files: lxc(net('"bridge": ▸"vmbr0;reboot"')),
    code: 'bad-format',
    remedy: 'the name of a bridge',
  },
  {
    name: 'a VLAN out of range',
    files: lxc(net('"vlan": ▸5000')),
    code: 'out-of-range',
    remedy: 'from 1 to 4094',
  },
  {
    name: 'a DNS server that is a name',
    files: lxc(net('"nameservers": ▸"dns.lan"')),
    code: 'bad-format',
    remedy: 'an IP address',
  },
  {
    name: 'a wrong DNS server in a list',
    files: lxc(net('"nameservers": ["1.1.1.1", ▸"1.1.1"]')),
    code: 'bad-format',
    remedy: 'Set network_config.nameservers[2] to an IP address',
  },
  // Firewall
  {
    name: 'a rule with a wrong action',
    files: rule('{ "type": "in", "action": ▸"ALLOW" }'),
    code: 'bad-value',
    remedy: 'ACCEPT, DROP or REJECT',
  },
  {
    name: 'a rule in small letters',
    files: rule('{ "type": "in", "action": ▸"accept" }'),
    code: 'bad-value',
    remedy: 'Did you mean "ACCEPT"?',
  },
  {
    name: 'a rule without a direction',
    files: rule('▸{ "action": "DROP" }'),
    code: 'missing-key',
    remedy: 'Add firewall.rules[1].type.',
  },
  {
    name: 'a port without a protocol',
    files: rule('{ "type": "in", "action": "DROP", "port": ▸"80" }'),
    code: 'port-without-protocol',
    remedy: 'Add "proto": "tcp".',
  },
  {
    name: 'a port with icmp',
    files: rule('{ "type": "in", "action": "DROP", "proto": "icmp", "port": ▸80 }'),
    code: 'port-without-protocol',
    remedy: 'Add "proto": "tcp".',
  },
  {
    name: 'a port out of range',
    files: rule('{ "type": "in", "action": "DROP", "proto": "tcp", "port": ▸"80,99999" }'),
    code: 'bad-format',
    remedy: 'a list such as 80,443',
  },
  {
    name: 'a rule twice',
    files: rule(
      '{ "type": "in", "action": "DROP" }, ▸{ "action": "DROP", "type": "in", "comment": "again" }',
    ),
    code: 'duplicate-item',
    remedy: 'Remove one of the two.',
  },
  {
    name: 'a comment with a line break',
    files: rule('{ "type": "in", "action": "DROP", "comment": ▸"a\\nIN ACCEPT" }'),
    code: 'control-character',
    remedy: 'Remove it from the text.',
  },
  // Mounts
  {
    name: 'two mounts at a path',
    files: one(
      `"volumes": [${volume('"/data"')}], "mount_points": [{ "host_path": "/a", "container_path": ▸"/data/" }]`,
    ),
    code: 'duplicate-path',
    remedy: 'Give one another path.',
  },
  {
    name: 'two volumes at a path',
    files: one(`"volumes": [${volume('"/data"')}], "zfs_volumes": [${volume('▸"/data"')}]`),
    code: 'duplicate-path',
    remedy: 'Give one another path.',
  },
  // Health checks
  {
    name: 'a check of nothing',
    files: one('▸"health_check": { "retries": 3 }'),
    code: 'check-without-probe',
    remedy: 'Give it one of command, script, http, tcp.',
  },
  {
    name: 'a check of two things',
    files: one('"health_checks": [▸{ "command": "true", "tcp": 80 }]'),
    code: 'check-with-two-probes',
    remedy: 'Make several health_checks of it.',
  },
  {
    name: 'a check of an unknown address',
    files: one('"network_config": { "ip": "dhcp" }, "health_check": { "tcp": ▸80 }'),
    code: 'address-unknown',
    remedy: 'Write the host into it',
  },
  {
    name: 'a check without retries',
    files: one('"health_check": { "command": "true", "retries": ▸0 }'),
    code: 'out-of-range',
    remedy: 'from 1 to 1000',
  },
  {
    name: 'a check over another protocol',
    files: one('"health_check": { "http": ▸"ftp://a/" }'),
    code: 'bad-format',
    remedy: 'a web address',
  },
  {
    name: 'a check at port 0',
    files: one('"health_check": { "tcp": ▸"host:0" }'),
    code: 'out-of-range',
    remedy: 'a port, or HOST:PORT',
  },
];
