import * as v from 'valibot';
import { cloudInit, userConfig } from './cloud-init.ts';
import { firewall } from './firewall.ts';
import { insideKeys } from './guest-features.ts';
import { key, need, once } from './key.ts';
import { legacyVmKeys } from './legacy-vm.ts';
import * as s from './scalars.ts';
import { hardwareKeys, vmAddressKeys } from './vm-hardware.ts';

const networkConfig = once(() =>
  v.object({
    ...vmAddressKeys,
    nameservers: key(s.ipAddresses, 'DNS servers.'),
    nameserver: key(s.ipAddresses, 'The same as `nameservers`.'),
    searchdomain: key(s.hostName, 'DNS search domain.'),
    search_domain: key(s.hostName, 'The same as `searchdomain`.'),
  }),
);

/** One virtual machine of `vms`. */
export const vm = once(() =>
  v.object({
    vmid: need(s.guestId, 'Id.', { example: 1001 }),
    name: need(s.hostName, 'Name in Proxmox, and host name.', { example: 'docker-host' }),
    template_image: key(
      s.imageFile,
      "A cloud image of Ubuntu to create it from, by its file name. The release is the node's `vm_defaults.ubuntu_release`.",
      { example: 'noble-server-cloudimg-amd64.img' },
    ),
    template: key(
      s.line('a template'),
      'The same as `template_image`, where that is missing and this is the file name of an image.',
    ),
    clone_from_vmid: key(s.guestId, 'VM to clone it from; wins over an image.', { example: 9000 }),
    existing: key(
      s.flag,
      'It was not made by this folder: without an image it is only looked after, and can not be made anew.',
    ),
    is_template: key(s.flag, 'Make it a Proxmox template when it is finished.'),
    template_snapshot_name: key(
      s.snapshotName,
      'Snapshot taken when the VM is finished. Clones of it start there.',
    ),
    snapshots: key(
      v.object({
        'pre-features': key(s.snapshotName, 'Snapshot before the features.'),
        'post-features': key(s.snapshotName, 'Snapshot after them.'),
        pre_features: key(s.snapshotName, 'The same as `pre-features`.'),
        post_features: key(s.snapshotName, 'The same as `post-features`.'),
      }),
      'Snapshots on the way, each taken once.',
    ),
    cores: key(s.whole(1, 8192), 'CPU cores.', { example: 4 }),
    memory_mb: key(s.whole(512, 131_072, 'MiB'), 'Memory in MiB.', { example: 4096 }),
    disk_size_gb: key(s.whole(1, 1_048_576, 'GiB'), 'Size of the first disk in GiB; only ever grown.'),
    storage_pool: key(s.storageId, 'Storage of its disks.', { example: 'local-zfs' }),
    ...hardwareKeys(),
    network_bridge: key(s.bridge, "Bridge of net0. Default: the clone source's, else vmbr0."),
    mac_address: key(s.macAddress, 'MAC address of net0.'),
    network_config: key(networkConfig(), 'Addresses of net0, and DNS.'),
    nameservers: key(s.ipAddresses, 'DNS servers.'),
    search_domain: key(s.hostName, 'DNS search domain.'),
    cloud_init: key(cloudInit(), 'What its first boot sets up.'),
    user_config: key(userConfig(), 'A user that its first boot makes; `cloud_init.users` takes several.'),
    stays_stopped: key(
      s.flag,
      'Leave it stopped where it is stopped. `phoenix start` starts it all the same.',
    ),
    start_at_boot: key(s.flag, 'Start it with the node.'),
    boot_order: key(
      s.whole(0, 2_147_483_647),
      'Place in the order of starts; wins over the one that dependencies give.',
    ),
    boot_delay: key(s.whole(0, 86_400, 'seconds'), 'Seconds to wait after its start before the next one.'),
    tags: key(v.array(s.tag), 'Proxmox tags.'),
    notes: key(s.paragraph, 'Notes in Proxmox; Phoenix adds a line of its own.'),
    protection: key(s.flag, 'Let Proxmox refuse to remove the VM or its disks.'),
    dependencies: key(v.array(s.guestId), 'Guests that must be there and started first.'),
    firewall: key(firewall, "The guest's firewall."),
    ...legacyVmKeys(),
    ...insideKeys,
  }),
);

export type { VmNicConfig } from './vm-hardware.ts';
export type VmConfig = v.InferOutput<ReturnType<typeof vm>>;

const vmDefaults = once(() =>
  v.object({
    template: key(s.line('a template'), 'Cloud image of Ubuntu, by its file name.'),
    cores: key(s.whole(1, 8192), 'CPU cores.'),
    memory_mb: key(s.whole(512, 131_072, 'MiB'), 'Memory in MiB.'),
    disk_size_gb: key(s.whole(1, 1_048_576, 'GiB'), 'Size of the first disk in GiB.'),
    storage_pool: key(s.storageId, 'Storage.'),
    network_bridge: key(s.bridge, 'Bridge.'),
  }),
);

export type VmDefaults = v.InferOutput<ReturnType<typeof vmDefaults>>;

/** `phoenix_vm_configs.json` */
export const vmFile = once(() =>
  v.object({
    $schema: key(v.unknown(), 'JSON Schema for editors.'),
    vm_defaults: key(vmDefaults(), 'What VMs have that do not say otherwise.'),
    vms: need(v.array(vm()), 'The virtual machines.'),
  }),
);
