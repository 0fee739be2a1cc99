import type { World } from '../../src/twin/index.ts';
import { tryLaws } from './laws.ts';
import { headOf } from './oracle.ts';
import { loadMixed, mixedFolders, mixedSuccessor, mixedUnprotected, type MixedJson } from './vm-folders.ts';
import { machineDeeds } from './vm-hands.ts';
import { machineText, unmetMixed } from './vm-oracle.ts';

const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 100);

const WANTED = [
  ...[
    'application_script application_script_env boot_delay boot_devices boot_order clone_from_vmid clone_mode',
    'cloud_init cores cpu_type dependencies disk_size_gb disks feature_options features firewall health_check',
    'image is_template mac_address memory_mb nameservers network_bridge network_config network_interfaces',
    'notes os_type protection search_domain serial_console snapshots sockets start_at_boot storage_pool tags',
    'template_image template_snapshot_name',
  ].flatMap((keys) => keys.split(' ').map((key) => `key ${key}`)),
  ...[
    'boot cicustom container cores cpu description disk feature firewall image memory',
    'meta-data network-config nic onboot ostype protection restart running script serial0 size',
    'snapshot sockets startup tags template user-data vendor-data virtual',
  ].flatMap((changes) => changes.split(' ').map((change) => `change ${change}`)),
  ...['check', 'exec', 'pve', 'wait', 'write'].map((name) => `fault at ${name}`),
  ...['image', 'storage', 'vm-clone'].map((gate) => `gate ${gate}`),
];

const OURS = [230, 231, 232, 233];

tryLaws<MixedJson>({
  folders: mixedFolders,
  deeds: machineDeeds,
  unprotected: mixedUnprotected,
  successor: mixedSuccessor,
  load: loadMixed,
  guests: ({ machines, containers }) => new Map<number, object>([...machines, ...containers]),
  isGolden: ({ machines }, vmid) => {
    const machine = machines.get(vmid);
    return machine?.is_template === true || machine?.template_snapshot_name !== undefined;
  },
  unmet: unmetMixed,
  foreignParts,
  attached: attachedVolumes,
  isOurs: (vmid) => vmid >= 200 && vmid < 300,
  wanted: WANTED,
  runs: RUNS,
  least: Math.min(25, Math.floor(RUNS / 12)),
});

/** Everything on the node that is not this folder's: other guests, others' entries in our VMs. */
function foreignParts(world: World) {
  const others = Object.entries(world.files)
    .filter(([path]) => /\/(lxc|qemu-server)\/\d+\.conf$/.test(path) && !/\/2[34]\d\.conf$/.test(path))
    .map(([path, { text }]) => [path, text]);
  // In force or still waiting: a restart of ours puts in force what they left waiting.
  const entries = OURS.flatMap((vmid) => [
    ...new Set(
      (machineText(world, vmid) ?? '')
        .split('\n')
        .filter((line) => /^(?:net7|scsi7|serial1|numa): /.test(line))
        .map((line) => `${vmid} ${line}`),
    ),
  ]);
  const theirVolumes = Object.values(world.volumes).flatMap((byGuest) =>
    Object.entries(byGuest).filter(([vmid]) => Number(vmid) >= 300 || Number(vmid) < 200),
  );
  return structuredClone({ others, entries: entries.toSorted(), theirVolumes });
}

/** Volumes of further disks that are attached and do not wait for being detached. */
function attachedVolumes(world: World): string[] {
  return OURS.flatMap((vmid) => {
    const text = machineText(world, vmid) ?? '';
    const waiting = /^delete: (.*)$/m.exec(text)?.[1]?.split(',') ?? [];
    return [...headOf(text)]
      .filter(
        ([key, value]) =>
          /^(?:scsi|virtio)\d+$/.test(key) && value.startsWith('local') && !waiting.includes(key),
      )
      .map(([, value]) => value.split(',')[0] ?? '');
  });
}
