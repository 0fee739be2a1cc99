import type { DesiredHostFirewall } from './desired-host-firewall.ts';
import type { DesiredNetwork } from './desired-network.ts';
import type { Secret } from './value.ts';

/** What `phoenix setup` makes of a host. A part that is absent is not managed. */
export type DesiredHost = {
  readonly hostname?: string;
  readonly timezone?: string;
  readonly repositories?: DesiredRepositories;
  readonly packages?: readonly string[];
  readonly administrators?: readonly DesiredAdministrator[];
  /** Kernel parameters as sysctl names them. */
  readonly sysctl?: ReadonlyMap<string, string>;
  readonly kernelModules?: readonly string[];
  readonly zfs?: DesiredZfs;
  readonly storages?: readonly DesiredStorage[];
  readonly network?: DesiredNetwork;
  readonly firewall?: DesiredHostFirewall;
  readonly nvidia?: DesiredNvidia;
  /** PCI devices that virtual machines get whole: addresses (`0000:01:00.0`) or ids (`10de:2684`). */
  readonly passthrough?: readonly string[];
};

/** `by-subscription`: without a subscription the enterprise repositories are off and no-subscription is on. */
export type DesiredRepositories = 'by-subscription' | 'no-subscription' | 'enterprise';

/** A user of the node. The password's hash counts only when the user is created. */
export type DesiredAdministrator = {
  readonly name: string;
  readonly passwordHash?: Secret;
  readonly hasSudo: boolean;
  readonly sshKeys: readonly string[];
};

export type DesiredZfs = {
  readonly pools: readonly DesiredPool[];
  readonly datasets: readonly DesiredDataset[];
  readonly arcMaxGiB?: number;
};

export type PoolLayout = 'single' | 'stripe' | 'mirror' | 'raidz1' | 'raidz2' | 'raidz3' | 'raid10';

export type DesiredPool = {
  readonly name: string;
  readonly layout: PoolLayout;
  /** Paths below /dev, best `/dev/disk/by-id/…`. */
  readonly disks: readonly string[];
};

export type DesiredDataset = {
  readonly pool: string;
  /** Whole name, the pool's included: `tank/shared`. */
  readonly name: string;
  /** As the folder writes them; compared as parsed values. */
  readonly properties: ReadonlyMap<string, string>;
};

/** A storage of Proxmox's on a dataset. */
export type DesiredStorage = {
  readonly id: string;
  readonly type: 'zfspool' | 'dir';
  readonly dataset: string;
  readonly content: readonly string[];
};

export type DesiredNvidia = {
  readonly version: string;
  /** Where NVIDIA's installer is downloaded from; absent: its own address for this version. */
  readonly installerUrl?: string;
};
