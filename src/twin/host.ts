import type { HostGuests, OutputSink } from './host-guests.ts';
import type { HostMachines } from './host-machines.ts';
import type { HostVolumes } from './host-volumes.ts';

export type {
  Device,
  Fields,
  FileOwner,
  HostGuests,
  Hotplug,
  Installed,
  Launch,
  Mount,
  Nic,
  OutputSink,
  RunState,
} from './host-guests.ts';
export type {
  AgentReply,
  CloudInitFiles,
  HostMachines,
  MachineDrive,
  MachineHotplug,
  MachineLaunch,
  MachineMedium,
  MachineNic,
} from './host-machines.ts';
export type { CopyFigures, HostVolumes, StorageRef, Usage, VolumeInfo, VolumeRef } from './host-volumes.ts';

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
   * Takes a lock (a flock on the file `path`), exclusive unless shared: shared ones hold it together. Gives undefined where it is still held by
   * another after `timeoutMs`. `onWait` is called once, before waiting. Locks die with the tool.
   */
  readonly lock: (
    path: string,
    timeoutMs: number,
    onWait?: () => void,
    isShared?: boolean,
  ) => Promise<Release | undefined>;
  /** Registers a running task as Proxmox's worker does. `end` is called when the worker ends, well or not. */
  readonly beginTask: (type: string, id: string) => Promise<{ readonly upid: string; readonly end: Release }>;
  readonly files: HostFiles;
  readonly volumes: HostVolumes;
  readonly guests: HostGuests;
  /** Absent on a host that runs no virtual machines. */
  readonly machines?: HostMachines;
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

/** The catalogue behind `pveam`. */
export type HostAppliances = {
  readonly available: () => Promise<readonly { readonly section: string; readonly name: string }[]>;
  /** Fetches the catalogue; rejects without network. */
  readonly update: () => Promise<void>;
  readonly download: (name: string, path: string, onOutput: OutputSink) => Promise<void>;
};
