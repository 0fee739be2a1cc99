import * as v from 'valibot';
import { key, need, once } from './key.ts';
import * as s from './scalars.ts';

const choice = <const T extends readonly [string, ...string[]]>(...options: T) =>
  v.pipe(
    v.picklist(options),
    v.metadata({ expects: `${options.slice(0, -1).join(', ')} or ${options.at(-1)}` }),
  );

const image = once(() =>
  v.object({
    url: need(
      s.webUrl,
      'Where it is downloaded from, once. A path that ends in .img, .qcow2, .raw or .vmdk.',
      { example: 'https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2' },
    ),
    sha256: key(
      s.line('a SHA-256 in hexadecimal digits', /^[0-9A-Fa-f]{64}$/),
      'Its SHA-256. An image with another one is not used.',
    ),
    file: key(s.imageFile, "Name of its file on the node. Default: the last part of `url`'s path.", {
      example: 'debian-12.qcow2',
    }),
    checksums_url: key(
      s.webUrl,
      'Where a list of SHA-256 or SHA-512 sums that names the file is published; used where `sha256` is missing.',
    ),
  }),
);

const disk = once(() =>
  v.object({
    slot: need(
      s.line(
        'a slot of a disk: scsi1 to scsi30, virtio0 to virtio15, sata0 to sata5, ide0, ide1 or ide3',
        /^(?:scsi(?:[1-9]|[12]\d|30)|virtio(?:\d|1[0-5])|sata[0-5]|ide[013])$/,
      ),
      'Where it is attached; it is known by it. `scsi0` is the first disk, `ide2` is the Cloud-Init drive.',
      { example: 'scsi1' },
    ),
    size_gb: need(s.whole(1, 1_048_576, 'GiB'), 'Size in GiB; only ever grown.'),
    storage_pool: key(s.storageId, 'Storage that it is allocated on. Default: `storage_pool` of the VM.'),
    backup: key(s.flag, 'Include it in backups.'),
    discard: key(s.flag, 'Give freed space back to the storage.'),
    ssd: key(s.flag, 'Show it as a solid-state disk. Not for virtio slots.'),
    iothread: key(s.flag, 'Give it a thread of its own. Only for scsi and virtio slots.'),
    cache: key(choice('none', 'writethrough', 'writeback', 'unsafe', 'directsync'), 'Cache mode.'),
  }),
);

const nicSlot = s.line('a slot of a network interface, net0 to net31', /^net(?:\d|[12]\d|3[01])$/);

/** Addresses of a NIC, which Cloud-Init gives to the guest. */
export const vmAddressKeys = {
  ip: key(s.ipv4OrDhcp, 'IPv4 address with prefix length, or dhcp.', { example: '10.0.0.201/24' }),
  gw: key(s.ipv4, 'IPv4 gateway.', { example: '10.0.0.1' }),
  ip6: key(s.ipv6OrAutomatic, 'IPv6 address with prefix length, auto or dhcp.'),
  gw6: key(s.ipv6, 'IPv6 gateway.'),
};

const nic = once(() =>
  v.object({
    slot: key(nicSlot, 'Where it is attached; it is known by it. Default: the first free one.', {
      example: 'net1',
    }),
    bridge: key(s.bridge, "Bridge of the node. Default: the clone source's, else vmbr0.", {
      example: 'vmbr0',
    }),
    model: key(
      choice('virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'),
      'Model of the card. Default: virtio when it is made, then kept.',
    ),
    mac_address: key(
      s.macAddress,
      'MAC address. Default: derived from folder, node, id and slot when it is made, then kept.',
    ),
    vlan: key(s.whole(1, 4094), 'VLAN tag.'),
    mtu: key(s.whole(1, 65_520, 'bytes'), "MTU; 1 is the bridge's own."),
    rate_mbps: key(s.rate, 'Limit in megabytes per second, as Proxmox counts it.'),
    firewall: key(s.flag, "Let Proxmox's firewall filter it. Default: what `firewall.enabled` says."),
    ...vmAddressKeys,
  }),
);

const pciDevice = once(() =>
  v.object({
    slot: key(
      s.line('a slot of a PCI device, hostpci0 to hostpci15', /^hostpci(?:\d|1[0-5])$/),
      'Where it is attached; it is known by it. Default: the first free one.',
    ),
    mapping: key(
      s.line('the name of a resource mapping', /^[A-Za-z][A-Za-z0-9_-]+$/),
      'A resource mapping of the cluster. Either this or `address`.',
    ),
    address: key(
      s.line(
        'a PCI address, such as 0000:01:00.0',
        /^(?:[0-9A-Fa-f]{4,}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?:\.[0-7])?$/,
      ),
      'A device of the node; without ".0" all of its functions. Either this or `mapping`.',
      { example: '0000:01:00.0' },
    ),
    pcie: key(s.flag, 'Attach it by PCI Express; needs `machine` q35.'),
    primary_gpu: key(s.flag, "Make it the VM's first graphics card."),
  }),
);

/** Keys of a VM about its virtual hardware. */
export const hardwareKeys = once(() => ({
  image: key(image(), 'Disk image to create it from.'),
  clone_mode: key(
    choice('linked', 'full'),
    "How it is cloned. Default: linked where the source is a template and the storage is the source's, else full.",
  ),
  disks: key(v.array(disk()), 'Disks beside the first one.'),
  cpu_type: key(
    s.line(
      'a CPU type of Proxmox, such as host or x86-64-v2-AES',
      /^[A-Za-z0-9][A-Za-z0-9._-]*(?:,[a-z-]+=[^,\s]+)*$/,
    ),
    'CPU that it sees.',
    { example: 'host' },
  ),
  sockets: key(s.whole(1, 64), 'CPU sockets; `cores` counts for each of them.'),
  bios: key(choice('seabios', 'ovmf'), 'Firmware.'),
  machine: key(
    s.line(
      'a machine type, such as q35',
      /^(?:q35|pc|pc(?:-i440fx|-q35)?-\d+(?:\.\d+)+(?:\+pve\d+)?)(?:,viommu=(?:intel|virtio))?$/,
    ),
    'Machine type.',
    { example: 'q35' },
  ),
  os_type: key(
    choice(
      'l26',
      'l24',
      'win11',
      'win10',
      'win8',
      'win7',
      'w2k8',
      'w2k3',
      'w2k',
      'wvista',
      'wxp',
      'solaris',
      'other',
    ),
    'Kind of operating system, in words of Proxmox: l26 is Linux.',
  ),
  guest_agent: key(s.flag, 'Give it a channel for the guest agent. Default true.'),
  serial_console: key(
    s.flag,
    'Give it a serial console. Default: true for a VM made from an image, which may need one to boot.',
  ),
  boot_devices: key(
    v.array(
      s.line(
        'a slot of a disk or a network interface',
        /^(?:scsi(?:\d|[12]\d|30)|virtio(?:\d|1[0-5])|sata[0-5]|ide[0-3]|net(?:\d|[12]\d|3[01]))$/,
      ),
    ),
    'What it tries to boot from, in this order.',
    { example: ['scsi0', 'net0'] },
  ),
  network_interfaces: key(
    v.array(nic()),
    'Network interfaces; beside the one of `network_config`, `network_bridge` and `mac_address`, which is net0.',
  ),
  pci_devices: key(v.array(pciDevice()), 'PCI devices of the node that it gets.'),
}));

export type VmNicConfig = v.InferOutput<ReturnType<typeof nic>>;
