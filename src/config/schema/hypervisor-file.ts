import * as v from 'valibot';
import { hostFirewall } from './hypervisor-firewall.ts';
import { idle, key, need, once } from './key.ts';
import { onFailure } from './guest-features.ts';
import * as s from './scalars.ts';
import { networkKeys } from './hypervisor-network.ts';
import { secretOrText, secretReference } from './secret.ts';
import { systemKeys } from './system.ts';
import { zfsKeys } from './zfs.ts';

const NOTHING_READS_IT = 'nothing reads it';
const LATER = { isLater: true } as const;

const hostOrAddress = once(() => s.line('a host name or an IP address', /^[A-Za-z0-9._:-]+$/));

const networkInterface = once(() =>
  v.object({
    name: key(s.bridge, 'Bridge. Default vmbr0.', { example: 'vmbr0' }),
    address: key(s.ipv4Cidr, 'Address of the node, with prefix length.', { example: '10.0.0.13/24' }),
    gateway: key(s.ipv4, 'Gateway.', { example: '10.0.0.1' }),
    dns_nameservers: key(s.ipAddresses, 'DNS servers: a text or a list.', { example: ['10.0.0.53'] }),
  }),
);

const network = once(() =>
  v.object({
    hostname: key(s.hostName, 'Host name of the node. Never changed on a node that has guests.'),
    interfaces: key(networkInterface(), "The node's bridge and its address; `bridges` can say more."),
    ...networkKeys(),
    workgroup: key(
      s.line('a workgroup', /^[A-Za-z0-9_.-]{1,15}$/),
      'Samba workgroup. Default WORKGROUP.',
      LATER,
    ),
    nfs_server: key(hostOrAddress(), 'NFS server that guests mount from.', LATER),
    portainer_agent_port: key(s.wholeOrText(1, 65_535), "Port of Portainer's agents.", LATER),
    portainer_server_ip: key(hostOrAddress(), 'Address of Portainer.', { noEffect: NOTHING_READS_IT }),
    portainer_server_port: key(s.wholeOrText(1, 65_535), 'Port of Portainer.', {
      noEffect: NOTHING_READS_IT,
    }),
    external_registry_url: key(s.anyLine, 'A registry.', { noEffect: NOTHING_READS_IT }),
    default_subnet: key(s.anyLine, 'A subnet.', { noEffect: NOTHING_READS_IT }),
    fallback_dns: key(v.unknown(), 'A DNS server.', {
      noEffect: '`network.interfaces.dns_nameservers` lists all of them',
    }),
  }),
);

const nfsExport = once(() =>
  v.object({
    path: need(s.absolutePath, 'Directory of the node.'),
    clients: need(v.array(s.line('a client', /^[A-Za-z0-9.:/*?_-]+$/)), 'Who may mount it.'),
    options: key(v.array(s.line('an export option', /^[a-z_]+(?:=[A-Za-z0-9_:.-]+)?$/)), 'Export options.'),
  }),
);

const share = once(() =>
  v.object({
    name: need(s.line('the name of a share', /^[^/\\[\]]{1,80}$/), 'Name of the share.'),
    path: need(s.line('a path', /^[^\\]+$/), 'Directory; without a leading "/" it is meant from the root.'),
    valid_users: key(v.array(s.line('a user name', /^[@+A-Za-z0-9_.-]+$/)), 'Who may use it.'),
    browsable: key(s.flag, 'Show it in lists. Default true.'),
    read_only: key(s.flag, 'Allow reading only. Default false.'),
    guest_ok: key(s.flag, 'Let anyone in. Default false.'),
    options: idle('Further options.', '`browsable`, `read_only` and `guest_ok` say the same'),
  }),
);

const nvidiaDriver = once(() =>
  v.object({
    install: key(s.flag, 'Install the driver on the node.'),
    version: key(
      s.line('a driver version, such as 580.76.05', /^\d+(?:\.\d+){1,3}$/),
      'Its version; containers with a GPU get the same.',
      { example: '580.76.05' },
    ),
    runfile_url: key(s.webUrl, 'Where the installer is downloaded from.'),
    cuda_version: idle('Version of CUDA.', NOTHING_READS_IT),
    install_vllm_libs: idle('Libraries of vLLM.', NOTHING_READS_IT),
  }),
);

const sharedVolume = once(() =>
  v.object({
    host_path: need(s.sourcePath, 'Directory of the node.'),
    mounts: key(v.record(v.string(), s.absolutePath), 'Paths in containers, by id.'),
  }),
);

const users = once(() =>
  v.object({
    username: key(
      s.line('a user name', /^[a-z_][a-z0-9_-]{0,31}$/),
      'Administrator of the node. Default phoenix_admin.',
    ),
    password_hash: key(secretOrText(), 'Hash of the password as crypt(3) writes it, or NOT_SET for none.'),
    sudo_access: key(s.flag, 'Let the user become root.'),
    ssh_public_key: key(s.anyLine, 'Key that may log in.'),
    ssh_public_keys: key(v.array(s.anyLine), 'Further keys that may log in.'),
  }),
);

const fileBased = 'the folder itself holds the files, and `--config` names it';

const corePaths = once(() =>
  v.object(
    Object.fromEntries(
      [
        'lxc_config_file',
        'vm_config_file',
        'lxc_config_schema_file',
        'hf_token_file',
        'docker_token_file',
        'docker_images_path',
        'hypervisor_marker_dir',
        'hypervisor_marker',
      ].map((name) => [name, key(s.anyLine, 'A path of the shell predecessor.')] as const),
    ),
  ),
);

const tests = once(() =>
  v.object({
    system_validation: key(v.array(v.unknown()), 'Tests of the shell predecessor.'),
    hypervisor_health_check: key(v.array(v.unknown()), 'Tests of the shell predecessor.'),
  }),
);

/** `phoenix_hypervisor_config.json` */
export const hypervisorFile = once(() =>
  v.object({
    $schema: key(v.unknown(), 'JSON Schema for editors.'),
    folder_id: key(
      s.line('a short name: letters, digits, "-", "_" and "."', /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/),
      'Marks the guests of this folder in their Proxmox notes. Default: phoenix.',
      { example: 'homelab' },
    ),
    version: key(v.union([s.anyLine, v.number()]), 'Version of this file, for people.'),
    author: key(s.anyLine, 'Author of this file, for people.'),
    on_failure: key(
      onFailure,
      'What becomes of guests that are not well after a change: see `on_failure` of a guest.',
    ),
    domain_name: key(s.hostName, 'Suffix of internal DNS names.'),
    users: key(users(), "The node's administrator."),
    ...systemKeys(),
    core_paths: key(corePaths(), 'Paths of the shell predecessor.', { noEffect: fileBased }),
    timezone: key(s.timezoneName, 'Timezone of the node.', { example: 'Europe/Berlin' }),
    network: key(network(), "The node's network."),
    docker: key(
      v.object({
        portainer_server_image: idle('Image of Portainer.', NOTHING_READS_IT),
        portainer_agent_image: key(s.anyLine, "Image of Portainer's agent."),
      }),
      'Images.',
      LATER,
    ),
    nfs: key(v.object({ exports: key(v.array(nfsExport()), 'Exports.') }), "The node's NFS server.", LATER),
    samba: key(
      v.object({
        user: key(s.line('a user name', /^[a-z_][a-z0-9_-]{0,31}$/), 'User of the shares. Default heads.'),
        password: key(secretReference, 'Password of that user.'),
        shares: key(v.array(share()), 'Shares.'),
      }),
      "The node's Samba server.",
      LATER,
    ),
    ...zfsKeys(),
    mount_point_base: key(s.absolutePath, 'Where Proxmox mounts storages. Default /mnt/pve.', LATER),
    proxmox_defaults: idle('Defaults of the shell predecessor.', 'it never was a default for anything'),
    tests: key(tests(), 'Tests of the shell predecessor.', {
      noEffect: '`health_checks` are how Phoenix tests guests',
    }),
    nvidia_driver: key(nvidiaDriver(), 'NVIDIA driver of the node.'),
    behavior: idle(
      'Behaviour of the shell predecessor.',
      'recovery is running the same command again, and --verbose shows more',
    ),
    shared_volumes: key(v.record(v.string(), sharedVolume()), 'Directories that several containers see.', {
      noEffect: 'no container mounts them by this; `mount_points` of a container does',
    }),
    shared_zfs_volumes: key(
      v.record(
        v.string(),
        v.object({
          pool: need(s.storageId, 'Storage.'),
          size_gb: need(s.whole(1, 1_048_576, 'GiB'), 'Size in GiB.'),
        }),
      ),
      'Volumes that are allocated without a guest.',
      LATER,
    ),
    firewall: key(hostFirewall(), 'The firewall of the datacenter and of the node.'),
    portainer_api: key(
      v.object({
        admin_user: key(s.anyLine, 'Administrator of Portainer.'),
        admin_password: key(secretOrText(), 'Password of that user.'),
        portainer_hostname: key(s.anyLine, 'Host name of Portainer.'),
      }),
      'How to reach Portainer.',
      LATER,
    ),
    vm_defaults: key(
      v.object({
        ubuntu_release: key(s.line('a release', /^[a-z0-9.-]+$/), 'Ubuntu release of cloud images.', {
          example: 'noble',
        }),
      }),
      'What VMs are made from.',
    ),
    dns_server: key(
      v.object({
        enabled: key(s.flag, 'Run a DNS server on the node.'),
        upstream_servers: key(v.array(s.ipAddress), 'Servers that it asks.'),
        authoritative_zones: idle('Zones.', 'names follow from the guests'),
      }),
      "The node's DNS server.",
      LATER,
    ),
    step_ca: idle('Certificate authority.', NOTHING_READS_IT),
  }),
);

export type HypervisorConfig = v.InferOutput<ReturnType<typeof hypervisorFile>>;
