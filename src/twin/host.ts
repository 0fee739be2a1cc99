import type { GuestId } from '../model/target.ts';

/**
 * The machine that Proxmox's tools run on. Every tool of the twin is written against this port, so
 * the same `pct` runs in memory (a plan, a test) and over real containers (the sandbox). A call
 * either does what it says or rejects; a `HostError` carries a message that the tool prints. Each
 * call is a point where a fault can strike.
 */
export type Host = {
  readonly nodeName: string;
  /** Epoch milliseconds of the host's own clock, virtual in memory. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A number in [0, 1): MACs, serials. */
  readonly random: () => number;
  /**
   * Takes an exclusive lock (a flock on the file `path`). Gives undefined where it is still held by
   * another after `timeoutMs`. `onWait` is called once, before waiting. Locks die with the tool.
   */
  readonly lock: (path: string, timeoutMs: number, onWait?: () => void) => Promise<Release | undefined>;
  /** Registers a running task as Proxmox's worker does. `end` is called when the worker ends, well or not. */
  readonly beginTask: (type: string, id: string) => Promise<{ readonly upid: string; readonly end: Release }>;
  readonly files: HostFiles;
  readonly volumes: HostVolumes;
  readonly guests: HostGuests;
  readonly appliances: HostAppliances;
  /** Names of the host's bridges. */
  readonly bridges: () => Promise<readonly string[]>;
  readonly cpuCount: () => Promise<number>;
};

export type Release = () => Promise<void>;

/** An operation of the machine failed; the message is what the underlying program said. */
export class HostError extends Error {
  override readonly name = 'HostError';
}

/**
 * Files of the host by absolute path. `/etc/pve/lxc`, `/etc/pve/qemu-server` and `/etc/pve/local`
 * lead into `/etc/pve/nodes/<node>` as on a real node; the implementation follows them.
 */
export type HostFiles = {
  /** The text of a file; undefined where there is none. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** Written beside its place and renamed into it; folders above are made. */
  readonly write: (path: string, text: string, mode?: number) => Promise<void>;
  /** Removes a file; fine where there is none. */
  readonly remove: (path: string) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Names in a folder, sorted; empty where there is none. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** What stands there, links followed; undefined where nothing does. */
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  readonly makeDirectory: (path: string) => Promise<void>;
};

export type FileStat = {
  readonly type: 'file' | 'directory' | 'character' | 'block' | 'other';
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly modifiedMs: number;
};

/** A storage as `storage.cfg` names it; `path` is a folder, or the pool of a storage without one. */
export type StorageRef = {
  readonly id: string;
  readonly type: string;
  readonly path: string;
};

/** A volume by its name on its storage, without the storage's id: `101/vm-101-disk-0.raw`, `subvol-101-disk-0`. */
export type VolumeRef = { readonly storage: StorageRef; readonly name: string };

export type VolumeInfo = {
  readonly name: string;
  readonly vmid: GuestId;
  /** `raw`, `qcow2`, `subvol`, … */
  readonly format: string;
  readonly sizeBytes: number;
  /** Name of the base that a linked clone rests on. */
  readonly parent?: string;
  readonly snapshots: readonly string[];
};

/** Guests' disks. ISO images, templates and backups are `files`. */
export type HostVolumes = {
  /** Volumes of a storage, or only those of one guest, sorted by name. */
  readonly list: (storage: StorageRef, vmid?: GuestId) => Promise<readonly VolumeInfo[]>;
  readonly find: (volume: VolumeRef) => Promise<VolumeInfo | undefined>;
  /** Makes an empty volume; rejects where it exists. */
  readonly allocate: (
    volume: VolumeRef,
    shape: { readonly vmid: GuestId; readonly format: string; readonly sizeBytes: number },
  ) => Promise<void>;
  /** Puts an empty filesystem on a new volume, its root owned by `rootId` (0, or 100000 if unprivileged). */
  readonly makeFilesystem: (volume: VolumeRef, rootId: number) => Promise<void>;
  readonly free: (volume: VolumeRef) => Promise<void>;
  readonly resize: (volume: VolumeRef, sizeBytes: number) => Promise<void>;
  readonly snapshot: (volume: VolumeRef, snapshot: string) => Promise<void>;
  readonly rollback: (volume: VolumeRef, snapshot: string) => Promise<void>;
  readonly deleteSnapshot: (volume: VolumeRef, snapshot: string) => Promise<void>;
  /** Copies all files from a volume (or its snapshot) into another that exists. */
  readonly copy: (source: VolumeRef, snapshot: string | undefined, target: VolumeRef) => Promise<CopyFigures>;
  /** Makes `target` as a copy-on-write clone of a base (or of a snapshot). */
  readonly cloneLinked: (
    source: VolumeRef,
    snapshot: string | undefined,
    target: VolumeRef,
    vmid: GuestId,
  ) => Promise<void>;
  /** Turns a volume into a read-only base of the given name. */
  readonly makeBase: (volume: VolumeRef, baseName: string) => Promise<void>;
  /** Moves a volume to another name on its storage. */
  readonly rename: (volume: VolumeRef, name: string, vmid: GuestId) => Promise<void>;
  readonly usage: (volume: VolumeRef) => Promise<Usage>;
  readonly capacity: (storage: StorageRef) => Promise<Usage>;
};

/** What a copy moved, for its report. */
export type CopyFigures = { readonly files: number; readonly bytes: number };

export type Usage = {
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
};

/** Property strings as parsed: sub-key to value. */
export type Fields = Readonly<Record<string, string>>;

/** Where a mount point's content comes from. */
export type MountSource =
  | { readonly kind: 'volume'; readonly volume: VolumeRef; readonly format: string }
  | { readonly kind: 'bind'; readonly path: string }
  | { readonly kind: 'device'; readonly path: string };

/** One mount of a container: `rootfs` at `/`, then `mpN` in order. `fields` is its whole property string. */
export type Mount = {
  readonly key: string;
  readonly path: string;
  readonly source: MountSource;
  readonly readOnly: boolean;
  readonly fields: Fields;
};

/** One network interface; `hostName` is its end on the host (`veth101i0`). */
export type Nic = { readonly index: number; readonly hostName: string; readonly fields: Fields };

/** One device handed in; `path` on the host and in the guest. */
export type Device = { readonly index: number; readonly path: string; readonly fields: Fields };

/** Everything that a container is started with, taken from its configuration at that moment. */
export type Launch = {
  readonly vmid: GuestId;
  readonly hostname: string;
  readonly unprivileged: boolean;
  readonly arch: string;
  readonly ostype: string;
  readonly memoryMiB: number;
  readonly swapMiB: number;
  readonly cores?: number;
  readonly cpulimit?: number;
  readonly cpuunits?: number;
  readonly tty: number;
  readonly features: Fields;
  readonly nameserver?: string;
  readonly searchdomain?: string;
  readonly timezone?: string;
  readonly mounts: readonly Mount[];
  readonly nics: readonly Nic[];
  readonly devices: readonly Device[];
  /** Raw `lxc.*` lines in order. */
  readonly raw: readonly (readonly [string, string])[];
};

/** What a running container takes on without a restart. */
export type Hotplug =
  | { readonly kind: 'memory'; readonly memoryMiB: number; readonly swapMiB: number }
  | { readonly kind: 'cpu'; readonly cpulimit?: number; readonly cpuunits?: number; readonly cores?: number }
  | { readonly kind: 'nic'; readonly nic: Nic; readonly before: Fields | undefined }
  | { readonly kind: 'remove-nic'; readonly nic: Nic }
  | { readonly kind: 'mount'; readonly mount: Mount }
  | { readonly kind: 'device'; readonly device: Device }
  | { readonly kind: 'hostname'; readonly hostname: string }
  | {
      readonly kind: 'dns';
      readonly nameserver: string | undefined;
      readonly searchdomain: string | undefined;
    };

/** What a template's archive turned out to hold. */
export type Installed = { readonly ostype: string; readonly arch: string; readonly bytes: number };

export type OutputSink = (stream: 'stdout' | 'stderr', text: string) => void;

/** What a running container is, as its control group tells. */
export type RunState = {
  readonly pid: number;
  readonly startedMs: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  readonly cpuSeconds: number;
};

export type HostGuests = {
  /** The run state of a container; undefined where it is stopped. */
  readonly find: (vmid: GuestId) => Promise<RunState | undefined>;
  /** Unpacks a template's archive over the mounts of a container that is being made. */
  readonly install: (launch: Launch, archive: string) => Promise<Installed>;
  /** Sets up what a new or cloned container has of its own: hostname, root password, SSH keys, fresh host keys. */
  readonly personalize: (
    launch: Launch,
    secrets: {
      readonly password?: string;
      readonly sshPublicKeys?: string;
      /** A clone only gets a new machine id; a new container gets SSH host keys too. */
      readonly isClone: boolean;
    },
  ) => Promise<void>;
  /** Starts a container and returns once its init runs. Rejects with what LXC said. */
  readonly start: (launch: Launch) => Promise<void>;
  /** Ends a container at once. */
  readonly stop: (vmid: GuestId) => Promise<void>;
  /** Asks its init to end; false where it still runs after `timeoutMs`. */
  readonly shutdown: (vmid: GuestId, timeoutMs: number) => Promise<boolean>;
  readonly freeze: (vmid: GuestId, isFrozen: boolean) => Promise<void>;
  readonly hotplug: (vmid: GuestId, change: Hotplug) => Promise<void>;
  /** Runs a program inside; gives its exit code. `stdin` 'inherit' is the tool's own. */
  readonly exec: (
    vmid: GuestId,
    argv: readonly string[],
    options: {
      readonly stdin?: string | 'inherit';
      readonly keepEnv: boolean;
      readonly onOutput: OutputSink;
    },
  ) => Promise<number>;
  /** Copies a file of the host into a running container; `owner` ids are the container's. */
  readonly push: (vmid: GuestId, from: string, to: string, owner: FileOwner) => Promise<void>;
  readonly pull: (vmid: GuestId, from: string, to: string, owner: FileOwner) => Promise<void>;
  /** Mounts a stopped container's volumes on the host; gives the folder. */
  readonly mount: (launch: Launch) => Promise<string>;
  readonly unmount: (vmid: GuestId) => Promise<void>;
  /** What a mount of a container holds, for `pct df` and `pct rescan`. */
  readonly usage: (launch: Launch, mount: Mount) => Promise<Usage>;
  /** Removes what the machine keeps of a container besides its volumes. */
  readonly forget: (vmid: GuestId) => Promise<void>;
};

export type FileOwner = { readonly perms?: number; readonly user?: string; readonly group?: string };

/** The catalogue behind `pveam`. */
export type HostAppliances = {
  readonly available: () => Promise<readonly { readonly section: string; readonly name: string }[]>;
  /** Fetches the catalogue; rejects without network. */
  readonly update: () => Promise<void>;
  readonly download: (name: string, path: string, onOutput: OutputSink) => Promise<void>;
};
