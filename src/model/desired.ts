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

/** A host as far as guests need it; `settings` keeps the validated rest for `phoenix setup`. */
export type DesiredHypervisor = {
  readonly nvidiaDriverVersion?: string;
  readonly settings: Readonly<Record<string, unknown>>;
};

type GuestCommon = {
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

/** A VM as the folder describes it; its manager's steps read `settings`. */
export type DesiredVm = GuestCommon & {
  readonly kind: 'vm';
  readonly cloneFrom?: { readonly vmid: GuestId; readonly snapshot?: string };
  readonly settings: Readonly<Record<string, unknown>>;
};
