import type { Diagnostic } from './diagnostic.ts';
import type { JournalEntry } from './journal.ts';
import type { ObservedHost } from './observed-host.ts';
import type { Operation } from './operation.ts';
import type { Outcome } from './outcome.ts';
import type { NodeRecord, RecordState } from './record.ts';
import type { GuestId, GuestKind } from './target.ts';

/** One section of a guest's config file: its keys in file order, its notes, its raw `lxc.*` lines. */
export type ConfigSection = {
  /** Decoded notes, or undefined where the section has none. */
  readonly description?: string;
  readonly keys: ReadonlyMap<string, string>;
  /** Raw lines `lxc.x.y: value` as `[key, value]`, in order. Containers only. */
  readonly raw: readonly (readonly [string, string])[];
};

/** A parsed guest config file. Snapshots by name; pending deletions are in `pending.keys` under `delete`. */
export type GuestConfig = {
  readonly head: ConfigSection;
  readonly pending?: ConfigSection;
  /** `[special:cloudinit]` of a VM: the values its Cloud-Init drive was made with. */
  readonly cloudInit?: ConfigSection;
  readonly snapshots: ReadonlyMap<string, ConfigSection>;
  /** Lines that are no setting; Proxmox warns of them and drops them at its next write. */
  readonly invalid?: readonly string[];
};

export type ObservedGuest = {
  readonly vmid: GuestId;
  readonly kind: GuestKind;
  /** Name of the cluster node that holds it. */
  readonly node: string;
  readonly config: GuestConfig;
  /** SHA-1 of the config file's text, as Proxmox's `digest` parameter expects. */
  readonly digest: string;
  readonly running: boolean;
  /** When a running VM's QEMU process began, in epoch seconds; undefined when stopped or unseen. */
  readonly startedAt?: number;
  /** Raw lines that the running container was really started with; undefined when stopped or unseen. */
  readonly startedWith?: readonly (readonly [string, string])[];
  readonly record: RecordState;
  readonly nodeRecord?: NodeRecord;
  /** Text of `/etc/pve/firewall/<vmid>.fw`. */
  readonly firewall?: string;
  /** Task ids of Proxmox's running tasks for this guest. */
  readonly tasks: readonly string[];
};

export type ObservedStorage = {
  readonly id: string;
  readonly type: string;
  readonly path?: string;
  readonly content: readonly string[];
  readonly options: ReadonlyMap<string, string>;
};

/** What stands at a host path that the folder names. Owners are numeric host ids. */
export type ObservedPath = {
  readonly path: string;
  readonly type: 'directory' | 'file' | 'device' | 'other' | 'missing';
  readonly uid?: number;
  readonly gid?: number;
};

/** Everything that one round trip to a node told, parsed once. */
export type Observation = {
  /** The text that the node printed; a plan's twin is built from nothing else. */
  readonly text: string;
  readonly nodeName: string;
  /** Is this a Proxmox VE host (or one that answers like it)? */
  readonly hasProxmox: boolean;
  readonly guests: ReadonlyMap<GuestId, ObservedGuest>;
  readonly storages: ReadonlyMap<string, ObservedStorage>;
  /** Volume ids of templates (`local:vztmpl/debian-12….tar.zst`) and of images (`local:import/debian-12.qcow2`). */
  readonly templates: readonly string[];
  /** Volume ids on the storages, where the scope asked for them. */
  readonly volumes: readonly string[];
  readonly bridges: readonly string[];
  readonly paths: ReadonlyMap<string, ObservedPath>;
  /** Texts of the files that were asked about, by path; one that is missing is not in it. */
  readonly files?: ReadonlyMap<string, string>;
  /** When those files were last written, in epoch seconds. */
  readonly fileTimes?: ReadonlyMap<string, number>;
  /** GPU device nodes found on the node: `/dev/nvidia0`, `/dev/nvidiactl`, … */
  readonly gpuDevices: readonly string[];
  /** Version in `/proc/driver/nvidia/version`, where loaded. */
  readonly nvidiaVersion?: string;
  readonly memoryMiB?: number;
  /** The host itself, as far as somebody asked about it. */
  readonly host?: ObservedHost;
  /** Operations that a journal says were begun and never ended, by guest. */
  readonly openEntries: readonly JournalEntry[];
  /** What the observation could not read, and why. */
  readonly diagnostics: readonly Diagnostic[];
};

/** What a manager sees of one target: the whole node's observation, and the answers to its probes. */
export type Observed = {
  readonly node: Observation;
  readonly guest?: ObservedGuest;
  /** Answers to probes since the last operation on this target, by `probeKey`. */
  readonly answers: ReadonlyMap<string, Outcome>;
  /** What this run has done to the target so far, in order; questions and waits are not in it. */
  readonly done?: readonly Operation[];
};
