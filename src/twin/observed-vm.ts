import type { ConfigSection } from '../model/observation.ts';
import type { GuestId } from '../model/target.ts';
import type { MachineLaunch } from './host.ts';
import { machineLaunchOf } from './machine/launch.ts';
import { systemVolume } from './memory/machine-system.ts';
import type { StorageConfig } from './storage/config.ts';
import type { VolumeContent, World } from './world.ts';

/**
 * Puts a VM that an observation tells of into the world: what is inside onto the disk that it boots
 * from, where there is one. A running one counts as started with what its configuration says now, long
 * enough ago for its agent to answer.
 */
export function addVm(
  world: World,
  vm: {
    readonly vmid: GuestId;
    readonly head: ConfigSection;
    readonly isRunning: boolean;
    /** When its process began, in epoch milliseconds, where that was seen. */
    readonly startedMs: number | undefined;
    readonly content: VolumeContent;
  },
  storages: StorageConfig,
): void {
  const { vmid, isRunning, content } = vm;
  const machine = launchFrom(vmid, vm.head, storages);
  const volume = machine === undefined ? undefined : systemVolume(world, machine);
  if (volume !== undefined) {
    volume.content = content;
    for (const name of Object.keys(volume.snapshots)) volume.snapshots[name] = structuredClone(content);
  }
  const state = {
    pid: vmid,
    startedMs: vm.startedMs ?? world.clock,
    launch: null,
    ...(machine && { machine }),
  };
  world.guests[vmid] = { ...(isRunning && { running: state }), ...(volume === undefined && { content }) };
}

function launchFrom(vmid: GuestId, head: ConfigSection, storages: StorageConfig): MachineLaunch | undefined {
  try {
    return machineLaunchOf(vmid, { keys: new Map(head.keys), raw: [] }, storages);
  } catch {
    // A config that Proxmox itself could not start from; the guest is known by its files alone.
    return undefined;
  }
}
