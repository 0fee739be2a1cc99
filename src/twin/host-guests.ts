import type { GuestId } from '../model/target.ts';
import type { Usage, VolumeRef } from './host-volumes.ts';

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
