import * as v from 'valibot';
import { firewall } from './firewall.ts';
import { insideKeys } from './guest-features.ts';
import { idle, key, need } from './key.ts';
import { legacyContainerKeys } from './legacy-container.ts';
import * as s from './scalars.ts';

/** A NIC of a container. */
const nicKeys = {
  name: key(s.nicName, 'Name inside the container. Default eth0, eth1, …', { example: 'eth0' }),
  bridge: key(s.bridge, 'Bridge of the node. Default vmbr0.', { example: 'vmbr0' }),
  ip: key(s.ipv4Setting, 'IPv4 address with prefix length, dhcp or manual.', { example: '10.0.0.101/24' }),
  gw: key(s.ipv4, 'IPv4 gateway.', { example: '10.0.0.1' }),
  ip6: key(s.ipv6Setting, 'IPv6 address with prefix length, auto, dhcp or manual.'),
  gw6: key(s.ipv6, 'IPv6 gateway.'),
  hwaddr: key(
    s.macAddress,
    'MAC address. Default: derived from folder, node, id and index when the NIC is made, then kept.',
  ),
  vlan: key(s.whole(1, 4094), 'VLAN tag.'),
  mtu: key(s.whole(64, 65_535, 'bytes'), 'MTU.'),
  firewall: key(s.flag, "Let Proxmox's firewall filter it. Default: what `firewall.enabled` says."),
  rate_mbps: key(s.rate, 'Limit in megabytes per second, as Proxmox counts it.'),
};

const nic = v.object(nicKeys);

const volume = v.object({
  name: key(s.line('a text'), 'For people.'),
  pool: need(s.storageId, 'Storage that it is allocated on.', { example: 'local-zfs' }),
  size_gb: need(s.whole(1, 1_048_576, 'GiB'), 'Size in GiB; only ever grown.'),
  mount_point: need(s.absolutePath, 'Path in the container.', { example: '/data' }),
  backup: key(s.flag, 'Include it in backups.'),
  read_only: key(s.flag, 'Mount it read-only.'),
});

const mountPoint = v.object({
  host_path: need(s.sourcePath, 'Directory of the node.'),
  container_path: need(s.absolutePath, 'Path in the container.'),
  read_only: key(s.flag, 'Mount it read-only.'),
  owner_uid: key(s.whole(0, 4_294_967_294), 'User that owns the directory itself, as the container sees it.'),
  owner_gid: key(
    s.whole(0, 4_294_967_294),
    'Group that owns the directory itself, as the container sees it.',
  ),
});

const devicePath = s.line('a device path, such as /dev/ttyUSB0', /^\/dev\/(?!.*\.\.)[^,=\\\s]+$/);
const device = v.pipe(
  v.union([
    devicePath,
    v.object({
      path: need(devicePath, 'Device of the node.'),
      mode: key(s.line('octal permissions, such as 0660', /^0?[0-7]{3}$/), 'Permissions in the container.'),
      uid: key(s.whole(0, 4_294_967_294), 'Owner in the container.'),
      gid: key(s.whole(0, 4_294_967_294), 'Group in the container.'),
    }),
  ]),
  v.metadata({ expects: 'a device path, or { "path": … }' }),
);

const idMap = v.object({
  type: need(
    v.pipe(v.picklist(['uid', 'gid', 'u', 'g']), v.metadata({ expects: 'uid or gid' })),
    'Which ids are mapped.',
  ),
  container_id: need(s.whole(0, 4_294_967_294), 'First id in the container.'),
  host_id: need(s.whole(0, 4_294_967_294), 'First id on the node.'),
  size: need(s.whole(1, 4_294_967_294), 'How many.'),
});

/** One LXC container of `lxc_configs`. */
export const container = v.object({
  name: need(s.hostName, 'Host name.', { example: 'web' }),
  template: key(
    s.line('a template: a volume id, a path on the node, or a file name', /^[^\s,][^,]*$/),
    'Template to create it from: a volume id (`local:vztmpl/…`), a path on the node, or a name that `pveam` can download.',
    { example: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst' },
  ),
  clone_from_ctid: key(s.guestId, 'Container to clone it from; wins over `template`.', { example: '900' }),
  template_snapshot_name: key(
    s.snapshotName,
    'Snapshot taken when the container is finished. Clones of it start there.',
    { example: 'final-form' },
  ),
  existing: key(
    s.flag,
    'It was not made by this folder: without a template it is only looked after, and can not be made anew.',
  ),
  is_template: key(s.flag, 'Make it a Proxmox template when it is finished.'),
  storage_pool: key(s.storageId, 'Storage of the root disk.', { example: 'local-zfs' }),
  storage_size_gb: key(s.whole(10, 1024, 'GiB'), 'Size of the root disk in GiB; only ever grown.'),
  memory_mb: key(s.whole(512, 131_072, 'MiB'), 'Memory in MiB.', { example: 2048 }),
  swap_mb: key(s.whole(0, 131_072, 'MiB'), 'Swap in MiB.', { example: 512 }),
  cores: key(s.whole(1, 8192), 'CPU cores.', { example: 2 }),
  network_config: key(
    v.object({
      ...nicKeys,
      nameservers: key(s.ipAddresses, 'DNS servers.'),
      search_domain: key(s.hostName, 'DNS search domain.'),
    }),
    'The first network interface.',
  ),
  secondary_network_config: key(nic, 'A second network interface.'),
  network_interfaces: key(v.array(nic), 'Further network interfaces.'),
  mac_address: key(s.macAddress, 'MAC address of the first interface.', { example: '52:54:00:12:34:56' }),
  search_domain: key(s.hostName, 'DNS search domain.'),
  unprivileged: key(
    s.flag,
    "Map the container's root to an ordinary user of the node. Cannot be changed later.",
    { example: true },
  ),
  protection: key(s.flag, 'Let Proxmox refuse to remove the container or its disks.'),
  timezone: key(s.timezoneName, "Timezone, or host for the node's own."),
  stays_stopped: key(s.flag, 'Leave it stopped where it is stopped. `phoenix start` starts it all the same.'),
  start_at_boot: key(s.flag, 'Start it with the node.'),
  boot_order: key(
    s.whole(0, 2_147_483_647),
    'Place in the order of starts; wins over the one that dependencies give.',
  ),
  boot_delay: key(
    s.whole(0, 86_400, 'seconds'),
    'Seconds to wait after its start, and for its stop, before the next one.',
  ),
  tags: key(v.array(s.tag), 'Proxmox tags.', { example: ['web'] }),
  notes: key(s.paragraph, 'Notes in Proxmox; Phoenix adds a line of its own.'),
  pct_options: key(
    v.array(s.line('an LXC feature, such as nesting=1', /^[a-z_]+=[A-Za-z0-9_;]+$/)),
    "Proxmox's LXC features.",
    { example: ['nesting=1', 'keyctl=1'] },
  ),
  lxc_options: key(
    v.array(s.line('a raw option, such as lxc.cap.drop=mac_admin')),
    "Raw lines `lxc.*` of the container's configuration: k=v or k: v, split at the first separator.",
  ),
  apparmor_profile: key(
    s.line('the name of an AppArmor profile', /^[A-Za-z0-9][A-Za-z0-9_.-]*$/),
    'AppArmor profile, or unconfined. `apparmor/<name>` of the folder is its text, where it is there.',
  ),
  apparmor_manages_nesting: key(s.flag, 'With a profile of its own: allow nesting through AppArmor.'),
  id_maps: key(v.array(idMap), 'How ids of the container map to ids of the node.'),
  gpu_assignment: key(
    v.pipe(
      v.union([
        s.line('GPU indices', /^(?:none|\d{1,2}(?:\s*,\s*\d{1,2})*)$/),
        s.whole(0, 99),
        v.array(s.whole(0, 99)),
      ]),
      v.metadata({ expects: 'none, or GPU indices such as "0,1"' }),
    ),
    'GPUs that the container uses, or none.',
    { example: '0,1', isScriptInput: true },
  ),
  devices: key(v.array(device), 'Devices of the node that the container sees.'),
  volumes: key(v.array(volume), 'Volumes of its own.'),
  zfs_volumes: key(v.array(volume), 'The same as `volumes`.'),
  mount_points: key(
    v.array(mountPoint),
    'Directories of the node that the container sees. Not together with snapshots or clones of it.',
  ),
  dependencies: key(v.array(s.guestId), 'Guests that must be there and started first.', { example: ['101'] }),
  enable_lifecycle_snapshots: key(
    s.flag,
    'Take the snapshots pre-configured (after the first start) and final-form (when finished).',
  ),
  firewall: key(firewall, "The guest's firewall."),
  ...insideKeys,
  ...legacyContainerKeys,
  template_file: idle("A template's file.", '`template` names it'),
});

export type ContainerConfig = v.InferOutput<typeof container>;
export type NicConfig = v.InferOutput<typeof nic>;
