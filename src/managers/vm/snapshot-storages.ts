import type { DesiredVm } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Observation } from '../../model/observation.ts';
import { isDriveKey, parseDrive, isCdrom } from '../../pve/qemu/drives.ts';
import { formatOn, storagesOf } from './storages.ts';
import type { PresentVm, VmInput } from './input.ts';

/**
 * Errors where the folder wants snapshots and a disk can have none, by the disks that are there, or by
 * the storages that a new VM's go to. A disk of a directory must be qcow2, and some storages have none
 * at all (`volume_has_feature` of PVE::Storage's plugins).
 */
export function snapshotDiagnostics(input: VmInput, vm: PresentVm | undefined): readonly Diagnostic[] {
  const { desired, observed } = input;
  if (!wantsSnapshots(desired)) return [];
  const bad = vm ? disksWithout(vm, observed.node) : storagesWithout(desired, observed.node);
  if (bad.length === 0) return [];
  return [
    {
      code: 'vm/snapshot-not-supported',
      severity: 'error',
      summary: `virtual machine ${desired.vmid} can have no snapshot`,
      detail: `Proxmox refuses it ("snapshot feature is not available") because of ${bad.join(', ')}.`,
      remedy: vm
        ? `Move the disk to a storage with snapshots, or make it qcow2:\nqm move-disk ${desired.vmid} ${bad[0]} <storage> --format qcow2 --delete 1`
        : 'Put its disks on a storage with snapshots (ZFS, LVM-thin, a directory), or take the snapshots out.',
      position: desired.position,
      target: desired.vmid,
    },
  ];
}

function wantsSnapshots(desired: DesiredVm): boolean {
  if (desired.isTemplate) return false;
  const { templateSnapshotName, preFeaturesSnapshot, postFeaturesSnapshot, lifecycleSnapshots } = desired;
  return (
    lifecycleSnapshots || (templateSnapshotName ?? preFeaturesSnapshot ?? postFeaturesSnapshot) !== undefined
  );
}

function disksWithout({ guest }: PresentVm, node: Observation): readonly string[] {
  return [...guest.config.head.keys]
    .filter(([key, text]) => isDriveKey(key) && !isCdrom(parseDrive(text)))
    .filter(([, text]) => !canSnapshot(parseDrive(text).get('file') ?? '', node))
    .map(([key]) => key);
}

function canSnapshot(volume: string, node: Observation): boolean {
  const id = /^([^/:]+):/.exec(volume)?.[1];
  const type = id === undefined ? undefined : node.storages.get(id)?.type;
  if (volume.startsWith('/')) return false;
  if (id === undefined || type === undefined) return true;
  return formatOn(id, node) === undefined ? !WITHOUT.has(type) : volume.endsWith('.qcow2');
}

function storagesWithout(desired: DesiredVm, { storages }: Observation): readonly string[] {
  if (desired.cloneFrom && desired.storage === undefined) return [];
  return storagesOf(desired).filter((id) => WITHOUT.has(storages.get(id)?.type ?? ''));
}

const WITHOUT: ReadonlySet<string> = new Set(['lvm', 'iscsi', 'iscsidirect']);
