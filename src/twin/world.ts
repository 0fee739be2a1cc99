import type { GuestId } from '../model/target.ts';
import { freshHost } from './fresh-host.ts';
import type { WorldHost } from './host-state.ts';
import { addFreshNetwork } from './fresh-network.ts';
import type { Launch, MachineLaunch } from './host.ts';
import type { WorldNetwork } from './host-tools/world-network.ts';

/**
 * A Proxmox node in memory: plain data that survives JSON. Only `memory-host.ts` changes it. Keys
 * are chosen so that a command on one guest touches only that guest's entries.
 */
export type World = {
  nodeName: string;
  /** Epoch milliseconds of the virtual clock. */
  clock: number;
  /** State of the random generator: MACs replay exactly. */
  seed: number;
  cpuCount: number;
  memoryMiB: number;
  bridges: string[];
  /** Everything on the host's filesystems by canonical absolute path. */
  files: Record<string, WorldFile>;
  /** Volumes: storage id -> vmid -> volume name. */
  volumes: Record<string, Record<string, Record<string, WorldVolume>>>;
  /** Capacity of a storage in bytes, by storage id. */
  capacities: Record<string, { totalBytes: number; usedBytes: number }>;
  /** Guests that the machine knows of (running, or with something inside); others are stopped and unknown. */
  guests: Record<string, WorldGuest>;
  /** What a template's archive holds, by file name. */
  templates: Record<string, WorldTemplate>;
  /** The catalogue of `pveam`; empty where nobody has seen it. */
  appliances: { section: string; name: string }[];
  /** Running tasks by task id. */
  tasks: Record<string, { type: string; id: string; startedMs: number }>;
  /** GPU driver's version, where one is loaded. */
  nvidiaVersion?: string;
  /** The host itself: disks, pools, packages, drivers. */
  host: WorldHost;
  /** The host's own network as it is loaded; absent where nobody has seen it. */
  network?: WorldNetwork;
};

export type WorldFile = {
  type: 'file' | 'directory' | 'character' | 'block' | 'other';
  /** Text of a file whose content matters. */
  text?: string;
  /** Size in bytes of a file whose content does not. */
  size?: number;
  /** What a disk image file holds. */
  image?: { format: string; sizeBytes: number; content?: VolumeContent };
  uid?: number;
  gid?: number;
  mode?: number;
  modifiedMs?: number;
};

export type WorldVolume = {
  vmid: GuestId;
  format: string;
  sizeBytes: number;
  parent?: string;
  /** What a filesystem on it holds; undefined for a volume without one, or whose inside nobody saw. */
  content?: VolumeContent;
  /** Contents at its snapshots, in the order they were made. */
  snapshots: Record<string, VolumeContent | null>;
  /** Bytes that it had at a snapshot; one that is not here had what it has now. */
  snapshotSizes?: Record<string, number>;
};

/** What is inside a volume, as far as the twin knows: files by path, and facts that programs brought about. */
export type VolumeContent = {
  files: Record<string, string>;
  facts: string[];
  template?: WorldTemplate;
  /** The guest agent of a VM's system; where nothing is said, it answers 20 seconds after a start. */
  agent?: WorldAgent;
  /** Its Cloud-Init; where nothing is said, it is done 25 seconds after a start. */
  cloudInit?: WorldCloudInit;
  /** Programs that the system does not have, as they are called. */
  missing?: string[];
};

/** A guest agent: installed or not, when it answers after a start, after how many answers it dies. */
export type WorldAgent = { isInstalled: boolean; startsAfterMs?: number; answersLeft?: number };

/** When the Cloud-Init of a system comes to its end after a start, and to which. */
export type WorldCloudInit = {
  endsAfterMs?: number;
  ends?: 'done' | 'degraded' | 'error';
  errors?: string[];
};

/** A program that the agent of a VM has started. */
export type WorldProcess = {
  endsMs: number;
  result: { exitcode?: number; signal?: number };
  out: string;
  err: string;
};

export type WorldTemplate = { ostype: string; arch: string; bytes: number };

export type WorldGuest = {
  /** Present while it runs: what it was started with, kept up to date by hotplug. */
  running?: {
    pid: number;
    startedMs: number;
    launch: Launch | null;
    frozen?: boolean;
    /** What a VM was started with, kept up to date by hotplug. */
    machine?: MachineLaunch;
    /** When the system inside began to boot: a reset begins anew. */
    bootedMs?: number;
    answers?: number;
    processes?: Record<string, WorldProcess>;
  };
  /** Files and facts inside a guest whose volumes the twin does not know (built from an observation). */
  content?: VolumeContent;
};

/** The node of the recordings: `vm`, two containers that run, a VM that does not, two storages, one template. */
export function freshWorld(): World {
  const world: World = {
    nodeName: 'vm',
    clock: Date.UTC(2026, 0, 1),
    seed: 1,
    cpuCount: 2,
    memoryMiB: 8192,
    bridges: ['vmbr0'],
    files: {},
    volumes: {},
    capacities: {
      local: { totalBytes: 100 * GIB, usedBytes: 10 * GIB },
      'local-btrfs': { totalBytes: 50 * GIB, usedBytes: GIB },
    },
    guests: {},
    templates: { [DEBIAN_12]: { ostype: 'debian', arch: 'amd64', bytes: 226_621_440 } },
    appliances: APPLIANCES.map((name) => ({ section: 'system', name })),
    tasks: {},
    host: freshHost(),
  };
  const nodeFolder = `/etc/pve/nodes/${world.nodeName}`;
  for (const path of FOLDERS) world.files[path] = { type: 'directory' };
  for (const path of [nodeFolder, `${nodeFolder}/lxc`, `${nodeFolder}/qemu-server`]) {
    world.files[path] = { type: 'directory' };
  }
  for (const path of DEVICES) world.files[path] = { type: 'character', mode: 0o666 };
  world.files['/etc/pve/storage.cfg'] = { type: 'file', text: STORAGE_CFG };
  world.files[`/var/lib/vz/template/cache/${DEBIAN_12}`] = { type: 'file', size: 78_393_758 };
  addFreshNetwork(world);
  addContainer(world, 100, 'ct100');
  addContainer(world, 101, 'ct101');
  world.files[`${nodeFolder}/qemu-server/210.conf`] = {
    type: 'file',
    text: 'boot: order=net0\ncores: 1\nmemory: 512\nname: web210\nnet0: virtio=BC:24:11:00:02:10,bridge=vmbr0\n',
  };
  return world;
}

/** The system templates that Proxmox offers. */
const APPLIANCES = [
  'almalinux-9-default_20240911_amd64.tar.xz',
  'alpine-3.20-default_20240908_amd64.tar.xz',
  'alpine-3.21-default_20241217_amd64.tar.xz',
  'alpine-3.22-default_20250617_amd64.tar.xz',
  'alpine-3.23-default_20260116_amd64.tar.xz',
  'archlinux-base_20240911-1_amd64.tar.zst',
  'centos-9-stream-default_20240828_amd64.tar.xz',
  'debian-11-standard_11.7-1_amd64.tar.zst',
  'debian-12-standard_12.12-1_amd64.tar.zst',
  'debian-13-standard_13.1-2_amd64.tar.zst',
  'devuan-5.0-standard_5.0_amd64.tar.gz',
  'fedora-41-default_20241118_amd64.tar.xz',
  'fedora-42-default_20250428_amd64.tar.xz',
  'fedora-43-default_20260115_amd64.tar.xz',
  'gentoo-current-openrc_20250508_amd64.tar.xz',
  'openeuler-25.03-default_20250507_amd64.tar.xz',
  'opensuse-15.6-default_20240910_amd64.tar.xz',
  'rockylinux-9-default_20240912_amd64.tar.xz',
  'ubuntu-18.04-standard_18.04.1-1_amd64.tar.gz',
  'ubuntu-20.04-standard_20.04-1_amd64.tar.gz',
  'ubuntu-22.04-standard_22.04-1_amd64.tar.zst',
  'ubuntu-24.04-standard_24.04-2_amd64.tar.zst',
  'ubuntu-24.10-standard_24.10-1_amd64.tar.zst',
  'ubuntu-25.04-standard_25.04-1.1_amd64.tar.zst',
];
const GIB = 1024 ** 3;
const DEBIAN_12 = 'debian-12-standard_12.7-1_amd64.tar.zst';
const FOLDERS = [
  '/',
  '/srv',
  '/dev',
  '/etc/pve',
  '/etc/pve/nodes',
  '/etc/pve/priv',
  '/etc/pve/firewall',
  '/var/lib/vz',
  '/var/lib/vz/template',
  '/var/lib/vz/template/cache',
  '/var/lib/vz/template/iso',
  '/var/lib/vz/images',
  '/var/lib/vz/snippets',
  '/var/lib/vz/dump',
  '/var/lib/vz/import',
  '/var/lib/pvebtrfs',
];
const DEVICES = [
  '/dev/null',
  '/dev/zero',
  '/dev/full',
  '/dev/random',
  '/dev/urandom',
  '/dev/fuse',
  '/dev/net/tun',
];
const STORAGE_CFG = `dir: local
\tpath /var/lib/vz
\tcontent backup,images,import,iso,rootdir,snippets,vztmpl

btrfs: local-btrfs
\tpath /var/lib/pvebtrfs
\tcontent images,rootdir
\tis_mountpoint 1

`;

function addContainer(world: World, vmid: GuestId, hostname: string): void {
  const name = `${vmid}/vm-${vmid}-disk-0.raw`;
  world.files[`/etc/pve/nodes/${world.nodeName}/lxc/${vmid}.conf`] = {
    type: 'file',
    text: `arch: amd64\nhostname: ${hostname}\nmemory: 512\nostype: debian\nrootfs: local:${name},size=1G\nswap: 512\n`,
  };
  const content = { files: {}, facts: [] };
  world.volumes['local'] ??= {};
  world.volumes['local'][vmid] = {
    [name]: { vmid, format: 'raw', sizeBytes: GIB, content, snapshots: {} },
  };
  world.guests[vmid] = { running: { pid: 1000 + vmid, startedMs: world.clock, launch: null } };
}
