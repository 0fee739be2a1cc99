import type { GuestId } from '../model/target.ts';
import type { Fields } from './host-guests.ts';
import type { VolumeRef } from './host-volumes.ts';

/** What a drive of a VM shows: a volume, a file or device of the host, or an empty tray. */
export type MachineMedium =
  | { readonly kind: 'volume'; readonly volume: VolumeRef; readonly format: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'none' };

/** One drive of a VM by its key (`scsi0`, `ide2`); `fields` is its whole property string. */
export type MachineDrive = {
  readonly key: string;
  readonly medium: MachineMedium;
  readonly isCdrom: boolean;
  readonly fields: Fields;
};

/** One NIC of a VM; `hostName` is its end on the host (`tap101i0`). */
export type MachineNic = { readonly index: number; readonly hostName: string; readonly fields: Fields };

/** Everything that a VM is started with, taken from its configuration at that moment. */
export type MachineLaunch = {
  readonly vmid: GuestId;
  readonly name: string;
  readonly memoryMiB: number;
  readonly vcpus: number;
  /** Is there a channel for a guest agent? */
  readonly hasAgent: boolean;
  /** Keys of the drives and NICs that it may boot from, in order. */
  readonly bootOrder: readonly string[];
  readonly drives: readonly MachineDrive[];
  readonly nics: readonly MachineNic[];
  /** All settings by key, as the configuration holds them. */
  readonly settings: Fields;
};

/** What a running VM takes on without a restart: a device or limit by its key. */
export type MachineHotplug =
  | {
      readonly kind: 'plug' | 'change';
      readonly key: string;
      readonly value: string;
      /** The same read, where it is a drive or a NIC. */
      readonly drive?: MachineDrive;
      readonly nic?: MachineNic;
      /** The controller of the VM's SCSI disks. */
      readonly scsihw?: string;
    }
  | { readonly kind: 'unplug'; readonly key: string };

export type MachineState = {
  readonly pid: number;
  readonly startedMs: number;
  /** `running` or `paused`. */
  readonly status: 'running' | 'paused';
  readonly memoryBytes: number;
};

/** A document on a Cloud-Init drive: its path there, and its text. */
export type CloudInitFiles = Readonly<Record<string, string>>;

/** What the guest agent answers a command: a value that survives JSON, or its complaint. */
export type AgentReply =
  | { readonly isDone: true; readonly value: unknown }
  | { readonly isDone: false; readonly message: string };

/** Virtual machines, and disk images outside of any storage. */
export type HostMachines = {
  /** Does a start give a VM what this machine has where that is less than it asks for? Proxmox refuses. */
  readonly givesWhatThereIs?: boolean;
  /** The run state of a VM; undefined where it is stopped. */
  readonly find: (vmid: GuestId) => Promise<MachineState | undefined>;
  /** Starts a VM and returns once it runs, with what people should know of it. Rejects with what QEMU said. */
  readonly start: (launch: MachineLaunch) => Promise<readonly string[]>;
  /** Ends a VM at once. */
  readonly stop: (vmid: GuestId) => Promise<void>;
  /** Asks the system inside to end, by its agent or its power button; false where it still runs after `timeoutMs`. */
  readonly shutdown: (vmid: GuestId, timeoutMs: number) => Promise<boolean>;
  readonly reset: (vmid: GuestId) => Promise<void>;
  readonly pause: (vmid: GuestId, isPaused: boolean) => Promise<void>;
  readonly hotplug: (vmid: GuestId, change: MachineHotplug) => Promise<void>;
  /** Does the agent inside answer a ping within three seconds? */
  readonly agentAnswers: (vmid: GuestId) => Promise<boolean>;
  /** Gives the agent a command (`exec`, `get-osinfo`) as QEMU's own protocol names it, less `guest-`. */
  readonly agent: (
    vmid: GuestId,
    command: string,
    parameters: Readonly<Record<string, unknown>>,
  ) => Promise<AgentReply>;
  /** Writes the documents of a Cloud-Init drive onto its volume, under a filesystem label. */
  readonly writeCloudInit: (volume: VolumeRef, label: string, files: CloudInitFiles) => Promise<void>;
  /** What a disk image file is; undefined where there is no such file. */
  readonly image: (
    path: string,
  ) => Promise<{ readonly format: string; readonly sizeBytes: number } | undefined>;
  /** Writes an image file's content onto a volume that is large enough. */
  readonly importImage: (path: string, volume: VolumeRef) => Promise<void>;
  /** Copies a disk block by block onto another volume; a snapshot of it where one is named. */
  readonly copyDisk: (source: VolumeRef, snapshot: string | undefined, target: VolumeRef) => Promise<void>;
  /** Removes what the machine keeps of a VM besides its volumes. */
  readonly forget: (vmid: GuestId) => Promise<void>;
};
