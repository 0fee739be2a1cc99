import type { GuestId } from '../model/target.ts';

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
