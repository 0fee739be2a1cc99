import { type World } from '../../src/twin/index.ts';
import { folders, load, successor, type FolderJson } from './folders.ts';
import { deeds } from './hands.ts';
import { tryLaws } from './laws.ts';
import { configText, headOf, unmet } from './oracle.ts';

const everything = () => true;

const RUNS = Number(process.env['PHOENIX_PROPERTY_RUNS'] ?? 300);

const WANTED = [
  ...[
    'application_script application_script_env boot_delay boot_order clone_from_ctid cores dependencies devices',
    'enable_lifecycle_snapshots feature_options features firewall health_check is_template lxc_options memory_mb',
    'mount_points name network_config network_interfaces notes pct_options protection search_domain start_at_boot',
    'storage_pool storage_size_gb swap_mb tags template template_snapshot_name timezone unprivileged volumes',
  ].flatMap((keys) => keys.split(' ').map((key) => `key ${key}`)),
  ...[
    'container cores description device directory feature features firewall hostname line memory mount nameserver',
    'nic onboot owner pending protection restart running script searchdomain size snapshot startup swap tags',
    'template timezone',
  ].flatMap((changes) => changes.split(' ').map((change) => `change ${change}`)),
  ...['check', 'edit', 'exec', 'pve', 'wait', 'write'].map((name) => `fault at ${name}`),
  ...['clone', 'storage'].map((gate) => `gate ${gate}`),
];

tryLaws<FolderJson>({
  folders,
  deeds,
  unprotected,
  successor,
  load,
  guests: (folder) => folder,
  isGolden: (folder, vmid) => {
    const guest = folder.get(vmid);
    return guest?.is_template !== undefined || guest?.template_snapshot_name !== undefined;
  },
  unmet: (world, folder) => unmet(world, folder, everything),
  foreignParts,
  attached: mountedVolumes,
  isOurs: (vmid) => vmid >= 200,
  wanted: WANTED,
  runs: RUNS,
  least: Math.min(50, Math.floor(RUNS / 6)),
});

/** A protected guest's drives can't be changed, which its own test shows. */
function unprotected(folder: FolderJson): FolderJson {
  return new Map([...folder].map(([vmid, { protection: _, ...guest }]) => [vmid, guest]));
}

/** Everything on the node that is not this folder's: other guests, others' entries in our guests. */
function foreignParts(world: World) {
  const others = Object.entries(world.files)
    .filter(([path]) => /\/(lxc|qemu-server)\/\d+\.conf$/.test(path) && !/\/20\d\.conf$/.test(path))
    .map(([path, { text }]) => [path, text]);
  // In force or still waiting: a restart of ours puts in force what they left waiting.
  const entries = [200, 201, 202, 203].flatMap((vmid) => [
    ...new Set(
      (configText(world, vmid) ?? '')
        .split('\n')
        .filter((line) => /mp=\/by-hand|name=eth5|\/dev\/zero/.test(line))
        .map((line) => `${vmid} ${line}`),
    ),
  ]);
  const theirVolumes = Object.values(world.volumes).flatMap((byGuest) =>
    Object.entries(byGuest).filter(([vmid]) => Number(vmid) >= 300 || Number(vmid) < 200),
  );
  return structuredClone({ others, entries: entries.toSorted(), theirVolumes });
}

/** Volumes that are mounted and do not wait for being detached. */
function mountedVolumes(world: World): string[] {
  return [200, 201, 202, 203].flatMap((vmid) => {
    const text = configText(world, vmid) ?? '';
    const waiting = /^delete: (.*)$/m.exec(text)?.[1]?.split(',') ?? [];
    return [...headOf(text)]
      .filter(([key, value]) => /^mp\d+$/.test(key) && value.startsWith('local') && !waiting.includes(key))
      .map(([, value]) => value.split(',')[0] ?? '');
  });
}
