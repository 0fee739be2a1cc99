import type { DesiredHost } from './desired-host.ts';
import type { GuestId } from './target.ts';
import type { Position } from './diagnostic.ts';
import type { Secret } from './value.ts';

/** What a configuration folder describes, checked and with the keys' quirks resolved. */
export type Folder = {
  /** Absolute path of the folder. */
  readonly path: string;
  /** Marks our guests' notes; `folder_id` of the hypervisor configuration. */
  readonly folderId: string;
  readonly hypervisor: DesiredHypervisor;
  readonly guests: ReadonlyMap<GuestId, DesiredGuest>;
};

export type DesiredGuest = DesiredContainer | DesiredVm;

/** A host: what guests need of it, what `phoenix setup` makes of it, and `settings`, the validated file. */
export type DesiredHypervisor = DesiredHost & {
  readonly nvidiaDriverVersion?: string;
  readonly settings: Readonly<Record<string, unknown>>;
};

/** What containers and VMs have in common. */
export type GuestCommon = {
  readonly vmid: GuestId;
  readonly name: string;
  /** Where its definition stands, for diagnostics. */
  readonly position: Position;
  /** Guests that must be there and started before it, the clone source not included. */
  readonly dependencies: readonly GuestId[];
  readonly tags?: readonly string[];
  /** The user's own notes; Phoenix's line is kept apart from them. */
  readonly notes?: string;
  readonly cores?: number;
  readonly memoryMiB?: number;
  readonly startAtBoot?: boolean;
  /** Proxmox's `startup` (`order=,up=,down=`); seconds. */
  readonly startup?: { readonly order?: number; readonly up?: number; readonly down?: number };
  readonly isTemplate: boolean;
  /** Snapshot taken when it is finished; clones of it start there. */
  readonly templateSnapshotName?: string;
  readonly lifecycleSnapshots: boolean;
  /** Where it is stopped it is left so; only a verb that names the start starts it. */
  readonly staysStopped?: boolean;
  /** A change after which it is not well is taken back by a snapshot. */
  readonly rollsBack?: boolean;
  readonly features: readonly DesiredFeature[];
  readonly applicationScript?: DesiredScript;
  readonly healthChecks: readonly DesiredHealthCheck[];
  readonly firewall?: DesiredFirewall;
};

export type DesiredContainer = GuestCommon & {
  readonly kind: 'lxc';
  /** Template to create from: a volume id, or a path on the node. */
  readonly template?: string;
  readonly cloneFrom?: { readonly vmid: GuestId; readonly snapshot?: string };
  readonly storage?: string;
  readonly rootfsGiB?: number;
  readonly swapMiB?: number;
  readonly unprivileged?: boolean;
  readonly nics: readonly DesiredNic[];
  readonly nameservers?: readonly string[];
  readonly searchDomain?: string;
  readonly timezone?: string;
  readonly protection?: boolean;
  /** Proxmox's `features` property (`nesting=1`); undefined: not managed. */
  readonly pctFeatures?: Readonly<Record<string, string>>;
  readonly volumes: readonly DesiredVolume[];
  readonly mounts: readonly DesiredMount[];
  readonly devices: readonly DesiredDevice[];
  /** GPU indices; their device nodes become `devN` entries. */
  readonly gpus: readonly number[];
  /** Raw `lxc.*` lines as `[key, value]`, AppArmor and id-map lines included. */
  readonly rawLines: readonly (readonly [string, string])[];
  readonly idMaps: readonly DesiredIdMap[];
  /** An AppArmor profile of the folder that the node must have before the container starts. */
  readonly apparmorProfile?: { readonly name: string; readonly content: string };
};

export type DesiredIdMap = {
  readonly type: 'uid' | 'gid';
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
};

/** A NIC. `ip`/`ip6` are CIDR, `dhcp`, `manual` or (v6) `auto`; undefined sub-keys are not managed. */
export type DesiredNic = {
  readonly name: string;
  readonly bridge?: string;
  readonly ip?: string;
  readonly gateway?: string;
  readonly ip6?: string;
  readonly gateway6?: string;
  readonly mac?: string;
  readonly firewall?: boolean;
  readonly vlan?: number;
  readonly mtu?: number;
  readonly rateMBps?: number;
};

/** A volume of the container's own, allocated once and mounted at `path`. */
export type DesiredVolume = {
  readonly name?: string;
  readonly storage: string;
  readonly sizeGiB: number;
  readonly path: string;
  readonly backup?: boolean;
  readonly readOnly?: boolean;
};

/** A directory of the node seen in the container; owner ids are the container's own. */
export type DesiredMount = {
  readonly hostPath: string;
  readonly path: string;
  readonly readOnly?: boolean;
  readonly ownerUid?: number;
  readonly ownerGid?: number;
};

export type DesiredDevice = {
  readonly path: string;
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
};

/** A feature of the folder or built in, with everything a step needs to apply it. */
export type DesiredFeature = {
  readonly name: string;
  readonly needs: readonly string[];
  /** Digest of manifest, scripts, options and inputs: what the record keeps. */
  readonly digest: string;
  readonly options: Readonly<Record<string, string | Secret>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly check: string;
  readonly install: string;
  readonly files: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

export type DesiredScript = {
  readonly name: string;
  readonly content: string;
  readonly digest: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | Secret>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

export type DesiredHealthCheck = {
  readonly name: string;
  readonly probe:
    | { readonly kind: 'command'; readonly argv: readonly string[] }
    | { readonly kind: 'script'; readonly content: string; readonly args: readonly string[] }
    | {
        readonly kind: 'http';
        readonly url: string;
        readonly expectStatus?: number;
        readonly expectBody?: string;
      }
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number };
  readonly retries: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
};

export type DesiredFirewall = {
  readonly enabled: boolean;
  readonly inputPolicy?: string;
  readonly outputPolicy?: string;
  readonly rules: readonly DesiredFirewallRule[];
};

export type DesiredFirewallRule = {
  readonly type: 'in' | 'out';
  readonly action: 'ACCEPT' | 'DROP' | 'REJECT';
  readonly proto?: string;
  readonly port?: string;
  readonly source?: string;
  readonly dest?: string;
  readonly iface?: string;
  readonly comment?: string;
};

/** A VM as the folder describes it. Its first disk is the one that its image or its source brings. */
export type DesiredVm = GuestCommon & {
  readonly kind: 'vm';
  /** Cloud image to create from. */
  readonly image?: DesiredImage;
  /** `isFull` undefined: linked where the source is a template and the storage stays, else full. */
  readonly cloneFrom?: { readonly vmid: GuestId; readonly snapshot?: string; readonly isFull?: boolean };
  readonly storage?: string;
  /** Size of the first disk; only ever grown. */
  readonly diskGiB?: number;
  /** Disks beside the first. */
  readonly disks: readonly DesiredDisk[];
  /** Proxmox's `cpu` property: `host`, `x86-64-v2-AES`, … */
  readonly cpuType?: string;
  readonly sockets?: number;
  readonly bios?: 'seabios' | 'ovmf';
  /** Proxmox's `machine` property: `q35`, … */
  readonly machine?: string;
  readonly osType?: string;
  /** Is there a channel for a guest agent? */
  readonly agent: boolean;
  readonly serialConsole?: boolean;
  /** Keys of drives and NICs in the order in which it tries to boot from them. */
  readonly bootOrder?: readonly string[];
  readonly protection?: boolean;
  readonly nics: readonly DesiredVmNic[];
  readonly pciDevices: readonly DesiredPciDevice[];
  /** Undefined: the guest has no Cloud-Init drive of Phoenix's. */
  readonly cloudInit?: DesiredCloudInit;
  /** Snapshots taken before and after the features, each once. */
  readonly preFeaturesSnapshot?: string;
  readonly postFeaturesSnapshot?: string;
};

/** A disk image: the name of its file on the node, where it comes from, and its SHA-256 in lower case. */
export type DesiredImage = {
  readonly file: string;
  readonly url: string;
  readonly sha256?: string;
  /** Where a list of checksums (`<sha256 or sha512> *<file>`) is published, for an image without one of its own. */
  readonly checksumsUrl?: string;
};

/** A further disk in its slot (`scsi1`), which identifies it. */
export type DesiredDisk = {
  readonly slot: string;
  readonly storage: string;
  readonly sizeGiB: number;
  readonly backup?: boolean;
  readonly discard?: boolean;
  readonly ssd?: boolean;
  readonly ioThread?: boolean;
  readonly cache?: string;
};

/**
 * A NIC in its slot (`net0`), which identifies it; undefined parts are not managed. `ip` is CIDR or
 * `dhcp`, `ip6` also `auto`: they go to Cloud-Init.
 */
export type DesiredVmNic = {
  readonly slot: string;
  readonly bridge?: string;
  readonly model?: string;
  readonly mac?: string;
  readonly firewall?: boolean;
  readonly vlan?: number;
  readonly mtu?: number;
  readonly rateMBps?: number;
  readonly ip?: string;
  readonly gateway?: string;
  readonly ip6?: string;
  readonly gateway6?: string;
};

/** A PCI device in its slot (`hostpci0`): a resource mapping of the cluster, or a device of the node. */
export type DesiredPciDevice = {
  readonly slot: string;
  readonly source: { readonly mapping: string } | { readonly address: string };
  readonly pcie?: boolean;
  readonly primaryGpu?: boolean;
};

/** What Cloud-Init is told. Documents of the user's own are parsed YAML that generated ones are merged into. */
export type DesiredCloudInit = {
  readonly hostname: string;
  readonly fqdn?: string;
  readonly timezone?: string;
  readonly nameservers?: readonly string[];
  readonly searchDomain?: string;
  readonly users: readonly DesiredUser[];
  readonly packages: readonly string[];
  readonly upgradesPackages: boolean;
  readonly files: readonly DesiredFile[];
  readonly nfsMounts: readonly DesiredNfsMount[];
  readonly runCommands: readonly (string | readonly string[])[];
  readonly templates: {
    readonly userData?: Readonly<Record<string, unknown>>;
    readonly networkConfig?: Readonly<Record<string, unknown>>;
    readonly vendorData?: Readonly<Record<string, unknown>>;
  };
};

export type DesiredUser = {
  readonly name: string;
  readonly sshKeys: readonly string[];
  /** crypt(3) hash, as the folder gives it. */
  readonly passwordHash?: string | Secret;
  /** In clear: only its hash reaches a document. */
  readonly password?: Secret;
  readonly hasSudo: boolean;
  readonly groups: readonly string[];
  readonly shell?: string;
};

/** A file that the first boot writes. `mode` is octal permission bits; `owner` is `user:group`. */
export type DesiredFile = {
  readonly path: string;
  readonly content: string;
  readonly mode?: number;
  readonly owner?: string;
};

export type DesiredNfsMount = {
  readonly server: string;
  readonly path: string;
  readonly mountPoint: string;
  readonly options?: string;
};
