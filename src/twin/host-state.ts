/** The host itself, as far as it is not in files. Plain data that survives JSON. */
export type WorldHost = {
  /** Is there a Proxmox VE on it? Without one it is a Debian. */
  hasProxmox: boolean;
  distribution: string;
  suite: string;
  timezone: string;
  /** The kernel that runs, its command line, and kernels whose modules are installed. */
  kernel: string;
  kernelCommandLine: string;
  installedKernels: string[];
  headers: string[];
  /** Installed packages, and what apt could install; absent where nobody knows. */
  packages: Record<string, string>;
  available?: Record<string, string>;
  /** No package and no download can be had. */
  isOffline?: boolean;
  /** Live values of kernel parameters. */
  sysctl: Record<string, string>;
  modules: string[];
  /** Modules that modprobe does not find. */
  missingModules?: string[];
  units: Record<string, { enabled: boolean; active: boolean }>;
  devices: WorldDevice[];
  pools: Record<string, WorldPool>;
  /** `zfs_arc_max`, live; absent where ZFS is not loaded. */
  arcMaxBytes?: number;
  /** Datasets by name; values as `zfs get -p` prints them. */
  datasets: Record<string, Record<string, { value: string; source: string }>>;
  pciDevices: { address: string; id: string; deviceClass: string; driver?: string; iommuGroup?: string }[];
  nvidiaBuilds: string[];
  nvidiaInstalled?: string;
  /** A container uses the GPU, so its driver cannot be unloaded. */
  isGpuInUse?: boolean;
  /** What the initial ramdisks were made with: files of /etc/modprobe.d. */
  ramdisk?: Record<string, string>;
  isQuorate?: boolean;
  isClockSynchronised?: boolean;
  isFirewallRunning?: boolean;
  /** What `ip -o address` and `ip route show default` print. */
  addresses: string;
  routes: string;
  /** Names of its interfaces, a line each. */
  links?: string;
  /** Open connections to SSH and the web interface, as `ss -Htn` prints them. */
  sessions?: string;
  /** How often it was booted. */
  boots: number;
};

/** A block device as lsblk shows it: a disk, a partition, or what is made of them. */
export type WorldDevice = {
  name: string;
  parent?: string;
  type: string;
  sizeBytes: number;
  isReadOnly?: boolean;
  model?: string;
  serial?: string;
  fstype?: string;
  label?: string;
  pttype?: string;
  mountpoints?: string[];
  /** Paths below /dev/disk/by-id that lead to it. */
  ids?: string[];
  /** What wipefs finds on it. */
  signatures?: { offset: string; type: string; label?: string }[];
  /** Programs that nobody can see by name hold it. */
  holders?: string[];
  /** No program can read it. */
  isUnreadable?: boolean;
  /** A disk of the machine, not something made of others. */
  isPhysical?: boolean;
  /** Stands for what somebody has on it; gone once it is wiped or written over. */
  data?: string;
};

export type WorldPool = {
  health: string;
  /** False: on its disks, and not imported. */
  isImported: boolean;
  vdevs: { kind: string; disks: string[] }[];
  status?: string;
};

/** A host of which nothing is known but that it is there. */
export function bareHost(): WorldHost {
  return {
    hasProxmox: true,
    distribution: '',
    suite: '',
    timezone: '',
    kernel: '',
    kernelCommandLine: '',
    installedKernels: [],
    headers: [],
    packages: {},
    sysctl: {},
    modules: [],
    units: {},
    devices: [],
    pools: {},
    datasets: {},
    pciDevices: [],
    nvidiaBuilds: [],
    addresses: '',
    routes: '',
    boots: 1,
  };
}
