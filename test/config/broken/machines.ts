import type { BrokenCase } from './case.ts';
import { guest, lxc, machine, machineClone, vms } from './case.ts';

const one = (keys: string) => vms(machine(keys));
const cloudInit = (keys: string) => one(`"cloud_init": { ${keys} }`);
const file = (keys: string) => cloudInit(`"files": [{ "path": "/etc/app.conf", ${keys} }]`);
const userData = (text: string) => ({
  ...cloudInit('"user_data": "user.yaml"'),
  'templates/user.yaml': text,
});
const network = (text: string) => ({
  ...cloudInit('"network_config": "net.yaml"'),
  'templates/net.yaml': text,
});
const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----';

export const MACHINES: readonly BrokenCase[] = [
  // Files that Cloud-Init writes
  {
    name: 'a file of a VM without content',
    files: cloudInit('"files": [▸{ "path": "/etc/motd" }]'),
    code: 'file-content',
    remedy: 'Give it either content or source.',
  },
  {
    name: 'a file of a VM with two contents',
    files: { ...cloudInit('"files": [▸{ "path": "/a", "content": "x", "source": "x" }]'), 'files/x': 'x' },
    code: 'file-content',
    remedy: 'Give it either content or source.',
  },
  {
    name: 'a file of a VM that does not exist',
    files: file('"source": ▸"app.conf"'),
    code: 'missing-script',
    remedy: 'Create it',
    detail: 'There is no files/app.conf in the folder.',
  },
  {
    name: 'a file of a VM outside the folder',
    files: file('"source": ▸"../app.conf"'),
    code: 'path-outside-folder',
    remedy: 'Name a file inside the folder.',
  },
  {
    name: 'a secret in a file of a VM',
    files: file('"content": ▸{ "from_env": "TOKEN" }'),
    env: { TOKEN: 'x' },
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  {
    name: 'a private key in a file of a VM',
    files: file(`"content": ▸"${KEY}"`),
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  {
    name: 'a private key in a file of the folder',
    files: { ...file('"source": "id"'), 'files/id': `\n▸${KEY}\n` },
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  // Users
  {
    name: 'a password in place of its hash',
    files: cloudInit('"users": [{ "name": "a", "password_hash": ▸"hunter2" }]'),
    code: 'literal-secret',
    remedy: 'openssl passwd -6',
  },
  {
    name: 'a password of a user in clear',
    files: cloudInit('"users": [{ "name": "a", "password": ▸"hunter2" }]'),
    code: 'literal-secret',
    remedy: 'Refer to it',
  },
  // Templates
  {
    name: 'a template that does not exist',
    files: cloudInit('"user_data": ▸"user.yaml"'),
    code: 'missing-script',
    remedy: 'Create it',
    detail: 'There is no templates/user.yaml in the folder.',
  },
  {
    name: 'a template that is no YAML',
    files: userData('#cloud-config\nusers: [\n▸'),
    code: 'syntax',
    remedy: 'Check the indentation',
  },
  {
    name: 'a template that holds a list',
    files: userData('#cloud-config\n▸- users\n'),
    code: 'not-an-object',
    remedy: 'key: value',
  },
  {
    name: 'a template that is a script',
    files: userData('▸#!/bin/sh\ntrue\n'),
    code: 'bad-template',
    remedy: 'Write it as YAML',
  },
  {
    name: 'a template that Jinja would have to fill',
    files: userData('▸## template: jinja\n#cloud-config\nfqdn: a\n'),
    code: 'bad-template',
    remedy: 'Write it as YAML',
  },
  {
    name: 'a password in a template',
    files: userData('#cloud-config\nusers:\n  - name: a\n    plain_text_passwd: ▸hunter2\n'),
    code: 'secret-in-document',
    remedy: '"password": { "from_env": "NAME" }',
  },
  {
    name: 'a list of passwords in a template',
    files: userData('#cloud-config\nchpasswd:\n  list:\n    - a:$6$x$y\n    - b:RANDOM\n    - ▸c:hunter2\n'),
    code: 'secret-in-document',
    remedy: '"password": { "from_env": "NAME" }',
  },
  {
    name: 'a binary value in a template',
    files: userData('#cloud-config\nwrite_files:\n  - content: !!binary ▸aGVsbG8=\n'),
    code: 'syntax',
    remedy: 'encoding: b64',
  },
  {
    name: 'a private key in a template',
    files: userData(`#cloud-config\nssh_keys:\n  ed25519_private: ▸"${KEY}"\n`),
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  {
    name: 'a network-config of version 1',
    files: network('network:\n  version: ▸1\n  config: []\n'),
    code: 'bad-template',
    remedy: 'Write "version: 2"',
  },
  {
    name: 'a network-config without a version',
    files: network('▸ethernets: {}\n'),
    code: 'bad-template',
    remedy: 'Write "version: 2"',
  },
  // What it is made from
  {
    name: 'a legacy template that is no image',
    files: vms('{ ▸"vmid": 201, "name": "a", "template": "ubuntu-24.04-standard" }'),
    code: 'no-source',
    remedy: 'Add "image" or "template_image"',
    detail: '"ubuntu-24.04-standard" is no file name of a cloud image.',
  },
  {
    name: 'an image of Ubuntu that is no disk image',
    files: vms('{ "vmid": 201, "name": "a", "template_image": ▸"noble-server-cloudimg-amd64.tar.gz" }'),
    code: 'bad-format',
    remedy: 'with the ending .img, .qcow2, .raw or .vmdk',
  },
  {
    name: 'an image whose checksum is none',
    files: vms('{ "vmid": 201, "name": "a", "image": { "url": "https://a/b.img", "sha256": ▸"abc" } }'),
    code: 'bad-format',
    remedy: 'a SHA-256 in hexadecimal digits',
  },
  {
    name: 'a disk in the place of the first',
    files: one('"disks": [{ "slot": ▸"scsi0", "storage_pool": "local", "size_gb": 1 }]'),
    code: 'bad-format',
    remedy: 'scsi1 to scsi30',
  },
  {
    name: 'a NIC that asks for an address by hand',
    files: one('"network_config": { "ip": ▸"manual" }'),
    code: 'bad-format',
    remedy: 'or dhcp',
  },
  {
    name: 'an image and a VM to clone',
    files: vms(machine(), machineClone('▸"template_image": "noble.img"')),
    code: 'two-sources',
    remedy: 'Remove clone_from_vmid or template_image.',
  },
  {
    name: 'two images',
    files: vms(
      '{ "vmid": 201, "name": "a", ▸"template_image": "noble.img", "image": { "url": "https://a/b.img" } }',
    ),
    code: 'two-sources',
    remedy: 'Remove image or template_image.',
  },
  {
    name: 'a way to clone without a source',
    files: one('▸"clone_mode": "full"'),
    code: 'no-effect',
    remedy: 'Remove it.',
  },
  {
    name: 'a packed image',
    files: vms('{ "vmid": 201, "name": "a", "image": { "url": ▸"https://a/b.img.xz" } }'),
    code: 'bad-value',
    remedy: 'has to be unpacked first',
  },
  {
    name: 'an image that anyone can exchange',
    files: vms('{ "vmid": 201, "name": "a", "image": { "url": ▸"http://a/b.img" } }'),
    code: 'unverified-image',
    remedy: 'Add "sha256"',
  },
  // Snapshots
  {
    name: 'snapshots of a VM that becomes a template',
    files: one('"is_template": true, ▸"snapshots": { "pre-features": "before" }'),
    code: 'no-effect',
    remedy: 'Remove it.',
  },
  {
    name: 'both spellings of a snapshot',
    files: one('"snapshots": { ▸"pre-features": "aa", "pre_features": "bb" }'),
    code: 'conflicting-values',
    remedy: 'Keep pre_features.',
  },
  {
    name: 'two snapshots of one name',
    files: one('"template_snapshot_name": "final", "snapshots": { "post_features": ▸"final" }'),
    code: 'conflicting-values',
    remedy: 'Give one another name.',
  },
  // Hardware
  {
    name: 'two disks in one slot',
    files: one(
      '"storage_pool": "p1", "disks": [{ "slot": "scsi1", "size_gb": 1 }, { "slot": ▸"scsi1", "size_gb": 2 }]',
    ),
    code: 'duplicate-slot',
    remedy: 'Choose another slot',
  },
  {
    name: 'a disk without a storage',
    files: one('"disks": [▸{ "slot": "scsi1", "size_gb": 1 }]'),
    code: 'missing-key',
    remedy: 'Add "storage_pool"',
  },
  {
    name: 'an option that a slot does not have',
    files: one('"storage_pool": "p1", "disks": [{ "slot": "virtio1", "size_gb": 1, "ssd": ▸true }]'),
    code: 'bad-value',
    remedy: 'Remove ssd',
  },
  {
    name: 'two interfaces in one slot',
    files: one('"network_bridge": "vmbr0", "network_interfaces": [{ "slot": ▸"net0" }]'),
    code: 'duplicate-slot',
    remedy: 'Choose another slot',
    detail: 'network_config, network_bridge and mac_address are net0.',
  },
  {
    name: 'two PCI devices in one slot',
    files: one(
      '"pci_devices": [{ "slot": "hostpci0", "mapping": "aa" }, { "slot": ▸"hostpci0", "mapping": "bb" }]',
    ),
    code: 'duplicate-slot',
    remedy: 'Choose another slot',
  },
  {
    name: 'a PCI device that is none',
    files: one('"pci_devices": [▸{ "primary_gpu": true }]'),
    code: 'pci-source',
    remedy: 'Give it either mapping or address.',
  },
  {
    name: 'a PCI device that is two',
    files: one('"pci_devices": [▸{ "mapping": "gpu", "address": "01:00.0" }]'),
    code: 'pci-source',
    remedy: 'Give it either mapping or address.',
  },
  // What the first boot is told
  {
    name: 'DNS servers at two places',
    files: one('"nameservers": "1.1.1.1", "network_config": { ▸"nameservers": "9.9.9.9" }'),
    code: 'conflicting-values',
    remedy: 'Keep nameservers.',
  },
  {
    name: 'a user without a name',
    files: one('▸"user_config": { "ssh_public_key": "ssh-rsa AAAA" }'),
    code: 'no-effect',
    remedy: 'Add "username".',
  },
  {
    name: 'two users of one name',
    files: one('"user_config": { "username": "a" }, "cloud_init": { "users": [{ "name": ▸"a" }] }'),
    code: 'conflicting-values',
    remedy: 'Remove one of the two.',
  },
  {
    name: 'a user with a password and a hash',
    files: cloudInit(
      '"users": [{ "name": "a", "password_hash": "$6$a$b", ▸"password": { "from_env": "P" } }]',
    ),
    env: { P: 'x' },
    code: 'conflicting-values',
    remedy: 'Remove one of the two.',
  },
  {
    name: 'two files of one path',
    files: cloudInit('"files": [{ "path": "/a", "content": "" }, { "path": ▸"/a", "content": "" }]'),
    code: 'duplicate-path',
    remedy: 'Give one another path.',
  },
  {
    name: 'a file below a mount',
    files: one(
      '"volumes": [{ "type": "nfs", "server": "nas", "path": "/a", "mount_point": "/mnt" }], "cloud_init": { "files": [{ "path": ▸"/mnt/a", "content": "" }] }',
    ),
    code: 'no-effect',
    remedy: 'Choose a path outside the mount',
  },
  {
    name: 'a Compose file that is not there',
    files: one('"docker_compose_files": [▸{ "source": "a.yml", "destination": "/opt" }]'),
    code: 'no-effect',
    remedy: 'Put it into files/',
    detail: 'There is no files/a.yml in the folder.',
  },
  // What it takes over from its source
  {
    name: 'a boot device that is not there',
    files: one('"boot_devices": ["scsi0", ▸"scsi1"]'),
    code: 'unknown-device',
    remedy: 'Correct the slot.',
    detail: 'It has ide2, net0, scsi0. Did you mean "scsi0"?',
  },
  {
    name: 'a boot device that stands twice',
    files: one('"boot_devices": ["scsi0", ▸"scsi0"]'),
    code: 'duplicate-item',
    remedy: 'Remove one of the two.',
  },
  {
    name: 'PCI Express without its machine type',
    files: one('"pci_devices": [{ "mapping": "gpu", "pcie": ▸true }]'),
    code: 'pcie-needs-q35',
    remedy: 'Set "machine" to "q35"',
  },
  {
    name: 'a linked clone of a VM that is no template',
    files: vms(machine(), machineClone('"clone_mode": ▸"linked"')),
    code: 'cannot-link',
    remedy: 'Set "is_template": true in 201',
  },
  {
    name: 'a linked clone on another storage',
    files: vms(
      machine('"is_template": true, "storage_pool": "p1"'),
      machineClone('"storage_pool": "p2", "clone_mode": ▸"linked"'),
    ),
    code: 'cannot-link',
    remedy: 'Set "storage_pool" to "p1"',
  },
  {
    name: 'a further disk that would shrink',
    files: vms(
      machine('"storage_pool": "p1", "disks": [{ "slot": "scsi1", "size_gb": 5 }]'),
      machineClone('"storage_pool": "p1", "disks": [{ "slot": "scsi1", "size_gb": ▸4 }]'),
    ),
    code: 'disk-would-shrink',
    remedy: 'Set "size_gb" to 5 or more',
  },
  {
    name: 'a VM clone with a smaller disk than the default',
    files: {
      'phoenix_vm_configs.json': `{ "vm_defaults": { "disk_size_gb": 20 }, "vms": [${machine()}, ${machineClone('"disk_size_gb": ▸10')}] }`,
    },
    code: 'disk-would-shrink',
    remedy: 'Set "disk_size_gb" to 20 or more.',
  },
  {
    name: 'a VM cloned from a container',
    files: { ...lxc(guest()), ...vms(machineClone('', '202', '▸101')) },
    code: 'wrong-kind',
    remedy: 'Clone a guest of the same kind.',
  },
  {
    name: 'a VM cloned from none',
    files: vms(machine(), machineClone('', '202', '▸200')),
    code: 'unknown-guest',
    remedy: 'Correct the id',
  },
  {
    name: 'VMs cloned from each other',
    files: vms(machineClone('', '201', '▸202'), machineClone()),
    code: 'cycle',
    remedy: 'Remove one of these references.',
    detail: '201 -> 202 -> 201',
  },
  // What several use
  {
    name: 'an address of two interfaces of VMs',
    files: vms(
      machine('"network_config": { "ip": "10.0.0.5/24" }'),
      machine('"network_interfaces": [{}, { "ip": ▸"10.0.0.5/24" }]', '202'),
    ),
    code: 'duplicate-ip',
    remedy: 'Give one another address.',
  },
  {
    name: 'a MAC address of a container and a VM',
    files: {
      ...lxc(guest('"mac_address": "52:54:00:00:00:01"')),
      ...vms(machine('"mac_address": ▸"52:54:00:00:00:01"')),
    },
    code: 'duplicate-mac',
    remedy: 'Remove one',
  },
  {
    name: 'a MAC address of two interfaces of one VM',
    files: one(
      '"mac_address": "52:54:00:00:00:01", "network_interfaces": [{ "mac_address": ▸"52:54:00:00:00:01" }]',
    ),
    code: 'duplicate-mac',
    remedy: 'Remove one',
  },
  {
    name: 'a gateway of a VM outside its subnet',
    files: one('"network_interfaces": [{ "ip": "10.0.0.5/24", "gw": ▸"10.0.1.1" }]'),
    code: 'gateway-outside-subnet',
    remedy: 'Correct gw',
  },
  {
    name: 'an IPv6 gateway that is none',
    files: one('"network_config": { "ip6": "fd00::5/64", "gw6": ▸"fd00::1::" }'),
    code: 'bad-format',
    remedy: 'Write it as fd00::1.',
  },
  {
    name: 'an IPv6 gateway without an address',
    files: one('"network_config": { "ip6": "auto", ▸"gw6": "fe80::1" }'),
    code: 'gateway-unused',
    remedy: 'Remove gw6',
  },
  {
    name: 'an IPv6 gateway that is the address',
    files: one('"network_interfaces": [{ "ip6": "fd00::5/64", "gw6": ▸"FD00:0::5" }]'),
    code: 'gateway-is-address',
    remedy: 'Correct one of the two.',
  },
  {
    name: 'a PCI device of two VMs',
    files: vms(
      machine('"start_at_boot": true, "pci_devices": [{ "address": "0000:01:00" }]'),
      machine('"start_at_boot": true, "pci_devices": [{ "address": ▸"01:00.1" }]', '202'),
    ),
    code: 'shared-device',
    remedy: 'take start_at_boot from the other',
    detail: '201 has 0000:01:00, this one 0000:01:00.1.',
  },
  {
    name: 'a resource mapping of two VMs',
    files: vms(
      machine('"start_at_boot": true, "pci_devices": [{ "mapping": "gpu" }]'),
      machine('"start_at_boot": true, "pci_devices": [{ "mapping": ▸"gpu" }]', '202'),
    ),
    code: 'shared-mapping',
    remedy: 'if the mapping holds a device for each',
  },
  {
    name: 'a dependency on a VM that is a template',
    files: vms(machine('"is_template": true'), machine('"dependencies": [▸201]', '202')),
    code: 'depends-on-template',
    remedy: 'Remove the dependency.',
  },
  {
    name: 'a default template that is no image',
    files: {
      'phoenix_vm_configs.json': `{ "vm_defaults": { ▸"template": "ubuntu-24.04" }, "vms": [${machine()}] }`,
    },
    code: 'no-effect',
    remedy: 'name an image',
  },
  {
    name: 'a legacy template beside a default',
    files: {
      'phoenix_vm_configs.json':
        '{ "vm_defaults": { "template": "noble.img" }, "vms": [{ "vmid": 201, "name": "a", ▸"template": "ubuntu" }] }',
    },
    code: 'no-effect',
    remedy: 'Remove it.',
  },
  {
    name: 'options of qm',
    files: one('▸"qm_options": ["--kvm 0"]'),
    code: 'no-effect',
    remedy: 'Remove it.',
  },
];
