import * as v from 'valibot';
import { firewall } from './firewall.ts';
import { insideKeys } from './guest-features.ts';
import { key, need, once } from './key.ts';
import { traefikService } from './legacy-container.ts';
import * as s from './scalars.ts';
import { secretReference } from './secret.ts';

const networkConfig = once(() =>
  v.object({
    ip: key(s.ipv4Setting, 'IPv4 address with prefix length, or dhcp.', { example: '10.0.0.201/24' }),
    gw: key(s.ipv4, 'IPv4 gateway.'),
    ip6: key(s.ipv6Setting, 'IPv6 address with prefix length, auto or dhcp.'),
    gw6: key(s.ipv6, 'IPv6 gateway.'),
    nameservers: key(s.ipAddresses, 'DNS servers.'),
    nameserver: key(s.ipAddresses, 'The same as `nameservers`.'),
    searchdomain: key(s.hostName, 'DNS search domain.'),
    search_domain: key(s.hostName, 'The same as `searchdomain`.'),
  }),
);

const nfsVolume = once(() =>
  v.object({
    type: need(v.pipe(v.picklist(['nfs']), v.metadata({ expects: 'nfs' })), 'What it is.'),
    name: key(s.line('a text'), 'For people.'),
    path: need(s.absolutePath, 'Exported directory of the server.'),
    mount_point: need(s.absolutePath, 'Path in the VM.'),
    server: need(s.line('a host name or an IP address', /^[A-Za-z0-9._:-]+$/), 'NFS server.'),
  }),
);

const composeFile = once(() =>
  v.object({
    source: need(s.line('a path'), 'File to copy.'),
    destination: need(s.line('a path'), 'Where it goes.'),
  }),
);

const dockerStack = once(() =>
  v.pipe(
    v.union([s.line("a stack's name"), v.looseObject({ name: key(s.line('a text'), 'Name of the stack.') })]),
    v.metadata({ expects: "a stack's name, or an object" }),
  ),
);

/** One virtual machine of `vms`. */
export const vm = once(() =>
  v.object({
    vmid: need(s.guestId, 'Id.', { example: 1001 }),
    name: need(s.hostName, 'Host name.', { example: 'docker-host' }),
    template_image: key(
      s.line('the name of a cloud image', /^[A-Za-z0-9._+-]+$/),
      'Cloud image to create it from.',
      { example: 'noble-server-cloudimg-amd64.img' },
    ),
    template: key(s.line('a template'), 'Cloud image to create it from, where `template_image` is missing.'),
    clone_from_vmid: key(s.guestId, 'VM to clone it from; wins over an image.', { example: 9000 }),
    is_template: key(s.flag, 'Make it a Proxmox template when it is finished.'),
    template_snapshot_name: key(s.snapshotName, 'Snapshot taken when the VM is finished.'),
    snapshots: key(
      v.object({
        'pre-features': key(s.snapshotName, 'Snapshot before the features.'),
        'post-features': key(s.snapshotName, 'Snapshot after them.'),
        pre_features: key(s.snapshotName, 'The same as `pre-features`.'),
        post_features: key(s.snapshotName, 'The same as `post-features`.'),
      }),
      'Snapshots on the way.',
    ),
    cores: key(s.whole(1, 8192), 'CPU cores.', { example: 4 }),
    memory_mb: key(s.whole(512, 131_072, 'MiB'), 'Memory in MiB.', { example: 4096 }),
    disk_size_gb: key(s.whole(1, 1_048_576, 'GiB'), 'Size of the first disk in GiB; only ever grown.'),
    storage_pool: key(s.storageId, 'Storage of its disks.'),
    network_bridge: key(s.bridge, 'Bridge of the node.'),
    mac_address: key(s.macAddress, 'MAC address of the first interface.'),
    network_config: key(networkConfig(), 'The first network interface.'),
    user_config: key(
      v.object({
        username: key(s.line('a user name', /^[a-z_][a-z0-9_-]{0,31}$/), 'User that Cloud-Init makes.'),
        ssh_public_key: key(
          s.line('a public key', /^(?:ssh|ecdsa|sk)-\S+ \S+/, 16_384),
          'Key that may log in.',
        ),
        password: key(secretReference, 'Password of the user.'),
      }),
      'The user that Cloud-Init makes.',
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
    volumes: key(v.array(nfsVolume()), 'Network file systems that it mounts.'),
    docker_compose_files: key(v.array(composeFile()), 'Compose files that it gets.'),
    docker_stacks: key(v.array(dockerStack()), 'Stacks that run on it.'),
    portainer_role: key(
      v.pipe(v.picklist(['primary', 'agent', 'none']), v.metadata({ expects: 'primary, agent or none' })),
      'Part in Portainer.',
    ),
    portainer_environment_name: key(s.line('a text'), 'Name of its environment in Portainer.'),
    portainer_agent_hostname: key(s.hostName, 'Name under which Portainer finds its agent.'),
    dependencies: key(v.array(s.guestId), 'Guests that must be there and started first.'),
    firewall: key(firewall, "The guest's firewall."),
    traefik_service: key(traefikService, 'Route of a Traefik proxy.'),
    trigger_sync_on_completion: key(s.flag, 'Update routes and names when the guest is finished.'),
    dns_records: key(v.array(v.unknown()), 'DNS records.'),
    count: key(s.whole(1, 1000), 'How many of it.'),
    qm_options: key(v.array(s.line('an option of qm')), 'Further options of `qm set`.'),
    swarm_role: key(
      v.pipe(v.picklist(['manager', 'worker', 'none']), v.metadata({ expects: 'manager, worker or none' })),
      'Part in a Docker swarm.',
    ),
    node_labels: key(v.array(s.line('a label')), 'Labels of its swarm node.'),
    ...insideKeys,
  }),
);

export type VmConfig = v.InferOutput<ReturnType<typeof vm>>;

/** `phoenix_vm_configs.json` */
export const vmFile = once(() =>
  v.object({
    $schema: key(v.unknown(), 'JSON Schema for editors.'),
    vm_defaults: key(
      v.object({
        template: key(s.line('a template'), 'Cloud image.'),
        cores: key(s.whole(1, 8192), 'CPU cores.'),
        memory_mb: key(s.whole(512, 131_072, 'MiB'), 'Memory in MiB.'),
        disk_size_gb: key(s.whole(1, 1_048_576, 'GiB'), 'Size of the first disk in GiB.'),
        storage_pool: key(s.storageId, 'Storage.'),
        network_bridge: key(s.bridge, 'Bridge.'),
      }),
      'What VMs have that do not say otherwise.',
    ),
    vms: need(v.array(vm()), 'The virtual machines.'),
  }),
);
