import type { HostRecord } from './host-record.ts';
import type { ObservedFirewall, ObservedNetwork } from './observed-network.ts';

/**
 * A part of the host that an observation holds only where somebody asks for it. `package:`, `user:`,
 * `sysctl:`, `unit:` and `dataset:` name what is meant.
 */
export type HostPart =
  | 'system'
  | 'repositories'
  | 'modules'
  | 'disks'
  | 'pools'
  | 'drivers'
  | 'network'
  | 'firewall'
  | 'health'
  | `${'package' | 'user' | 'sysctl' | 'unit' | 'dataset'}:${string}`;

/** What an observation told of the host itself; a part that nobody asked for is undefined. */
export type ObservedHost = {
  readonly system?: ObservedSystem;
  readonly repositories?: readonly ObservedRepository[];
  /** Installed versions of the packages asked about; one that is not installed is not in it. */
  readonly packages?: ReadonlyMap<string, string>;
  /** The users asked about; one that does not exist is not in it. */
  readonly users?: ReadonlyMap<string, ObservedUser>;
  /** Live values of the kernel parameters asked about; one that the kernel lacks is not in it. */
  readonly sysctl?: ReadonlyMap<string, string>;
  /** Kernel modules that are loaded or built in, `_` for `-`. */
  readonly modules?: ReadonlySet<string>;
  readonly disks?: readonly ObservedDisk[];
  readonly pools?: readonly ObservedPool[];
  /** Names of the filesystems in imported pools, two levels deep. */
  readonly filesystems?: readonly string[];
  /** Bytes that ZFS caches with at most, live; 0 is its own default. */
  readonly arcMaxBytes?: number;
  /** The datasets asked about; one that does not exist is not in it. */
  readonly datasets?: ReadonlyMap<string, ObservedDataset>;
  readonly units?: ReadonlyMap<string, ObservedUnit>;
  readonly drivers?: ObservedDrivers;
  readonly health?: ObservedHealth;
  readonly network?: ObservedNetwork;
  readonly firewall?: ObservedFirewall;
  /** What Phoenix made on the host, as its record there says. */
  readonly record?: HostRecord;
};

export type ObservedSystem = {
  readonly hostname: string;
  /** `ID` and `VERSION_CODENAME` of /etc/os-release: `debian`, `trixie`. */
  readonly distribution: string;
  readonly suite: string;
  readonly timezone?: string;
  /** `uname -r` */
  readonly kernel: string;
  readonly kernelCommandLine: string;
  readonly hasSubscription: boolean;
  /** Does proxmox-boot-tool look after the boot partitions? */
  readonly usesProxmoxBootTool: boolean;
  /** Kernels whose modules are installed. */
  readonly installedKernels: readonly string[];
  /** Kernels whose headers are installed. */
  readonly headers: readonly string[];
};

/** One entry of apt's sources: a `deb` line or a deb822 stanza. */
export type ObservedRepository = {
  readonly file: string;
  /** Place in its file, from 0: the line, or the stanza. */
  readonly index: number;
  readonly format: 'list' | 'deb822';
  readonly enabled: boolean;
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
};

export type ObservedUser = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** False where no password was ever set. */
  readonly hasPassword: boolean;
  /** Lines of its authorized_keys file. */
  readonly authorizedKeys: readonly string[];
};

export type ObservedDisk = {
  /** The kernel's name: `sdb`. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly model?: string;
  readonly serial?: string;
  readonly isReadOnly: boolean;
  /** Links below /dev/disk/by-id that lead to it. */
  readonly ids: readonly string[];
  /** Everything found on it; a disk is blank only where this is empty. */
  readonly findings: readonly DiskFinding[];
};

/** Something on a disk or on what is made of it: `device` is the kernel's name of the thing that carries it. */
export type DiskFinding = {
  readonly device: string;
  readonly found: 'signature' | 'partition' | 'mount' | 'holder' | 'pool' | 'swap' | 'unreadable';
  /** The signature's type, the mount's path, the holder's name, the pool's name. */
  readonly what: string;
  readonly label?: string;
};

export type ObservedPool = {
  readonly name: string;
  /** `ONLINE`, `DEGRADED`, `FAULTED`, … */
  readonly health: string;
  /** Its data vdevs: `mirror`, `raidz1`, …, `disk` for one that is a disk. Paths as ZFS knows them. */
  readonly vdevs: readonly { readonly kind: string; readonly disks: readonly string[] }[];
  /** What `zpool status` says about errors and remedies. */
  readonly status?: string;
};

export type ObservedDataset = {
  readonly name: string;
  /** Values as `zfs get -p` prints them, with their source (`local`, `default`, `inherited from …`). */
  readonly properties: ReadonlyMap<string, { readonly value: string; readonly source: string }>;
};

export type ObservedUnit = { readonly enabled: boolean; readonly active: boolean };

export type ObservedDrivers = {
  readonly pciDevices: readonly ObservedPciDevice[];
  /** Kernels for which DKMS has built NVIDIA's module, as `version kernel`. */
  readonly nvidiaBuilds: readonly string[];
  /** Installed versions of NVIDIA's driver, loaded or not. */
  readonly nvidiaInstalled?: string;
  readonly iommuGroups: number;
};

export type ObservedPciDevice = {
  /** `0000:01:00.0` */
  readonly address: string;
  /** `10de:2684` */
  readonly id: string;
  /** Class as sysfs has it: `0x030000`. */
  readonly deviceClass: string;
  readonly driver?: string;
  readonly iommuGroup?: string;
};

export type ObservedHealth = {
  /** `Quorate` of `pvecm status`; undefined on a node without a cluster. */
  readonly isQuorate?: boolean;
  readonly isClockSynchronised?: boolean;
  /** Guests' locks and files of killed tools: a line each. */
  readonly leftovers: readonly string[];
  readonly isFirewallRunning?: boolean;
};
