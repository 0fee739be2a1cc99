import type { Diagnostic } from '../../model/diagnostic.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { profileWork } from './apparmor.ts';
import { nodeDiagnostics } from '../guest/node-has.ts';
import { isFinished } from '../guest/finished.ts';
import { huskOf } from '../guest/husk.ts';
import { mountDifferences } from './differences/mounts.ts';
import { CONTAINER_HUSK } from './husk.ts';
import { isOurs, present } from '../guest/input.ts';
import type { LxcInput, LxcStep, PresentInput } from './input.ts';
import { findMount, isBind, parseMount } from './differences/mounts.ts';
import { protectionDiagnostics } from '../guest/protection.ts';
import { shrinkDiagnostics } from './resize.ts';
import { missingGpus } from './wanted/devices.ts';
import { normalizePath, wantedMounts } from './wanted/mounts.ts';

/**
 * What can be known before the node is touched: a wish that the node can't fulfil (a GPU, a storage)
 * or that Proxmox refuses (a smaller disk, snapshots beside a bind mount, another privilege).
 */
export const validateInputs: LxcStep = {
  name: 'validate_inputs',
  plan: (input): StepAnswer => {
    const container = present(input);
    if (container && isFinished(container.guest, input.desired)) return NOTHING;
    const diagnostics = [
      ...gpuDiagnostics(input),
      ...snapshotDiagnostics(input),
      ...nodeWishes(input, container),
      ...profileWork(input).diagnostics,
      ...(container && isWhole(container) ? standingDiagnostics(container) : []),
    ];
    return { ...NOTHING, diagnostics };
  },
};

/** Is it a container of ours, or to be taken over, and no half-made one that will be made anew? */
function isWhole(container: PresentInput): boolean {
  const { guest, folder, consent } = container;
  if (guest.config.head.keys.has('lock') || huskOf(container, guest, CONTAINER_HUSK)) return false;
  return consent.adopt || isOurs(guest, folder.folderId);
}

type Said = Pick<Diagnostic, 'code' | 'summary'> & Partial<Diagnostic>;

function problem({ desired }: LxcInput, said: Said): Diagnostic {
  return { severity: 'error', position: desired.position, target: desired.vmid, ...said };
}

function gpuDiagnostics(input: LxcInput): readonly Diagnostic[] {
  const { gpuDevices } = input.observed.node;
  return missingGpus(input.desired, gpuDevices).map((index) =>
    problem(input, {
      code: 'lxc/gpu-missing',
      summary: `the node has no GPU ${index}`,
      detail: `/dev/nvidia${index} is not there; a container with it could not start.`,
      remedy: 'Load the driver (nvidia-smi), or correct gpu_assignment.',
    }),
  );
}

function snapshotDiagnostics(input: LxcInput): readonly Diagnostic[] {
  const { mounts, templateSnapshotName, lifecycleSnapshots, isTemplate } = input.desired;
  const wantsSnapshot = !isTemplate && (templateSnapshotName !== undefined || lifecycleSnapshots);
  if (!wantsSnapshot || mounts.length === 0) return [];
  return [
    problem(input, {
      code: 'lxc/snapshot-with-bind-mount',
      summary: 'a container with a bind mount can have no snapshot',
      detail: 'Proxmox refuses it ("snapshot feature is not available"), and clones of it too.',
      remedy: 'Take mount_points out, or template_snapshot_name and enable_lifecycle_snapshots.',
    }),
  ];
}

/** Storages that something is still to be allocated on must be there and take containers' disks. */
function nodeWishes(input: LxcInput, container: PresentInput | undefined): readonly Diagnostic[] {
  const { desired } = input;
  const keys = container?.guest.config.head.keys;
  const ofVolumes = desired.volumes
    .filter(({ path }) => !keys || findMount(keys, normalizePath(path)) === undefined)
    .map(({ storage }) => storage);
  return nodeDiagnostics(input, {
    storages: [...(keys || desired.storage === undefined ? [] : [desired.storage]), ...ofVolumes],
    content: 'rootdir',
    bridges: desired.nics.map(({ bridge }) => bridge),
    bridgeKey: 'network_config.bridge',
  });
}

function standingDiagnostics(container: PresentInput): readonly Diagnostic[] {
  return [
    ...privilegeDiagnostics(container),
    ...shrinkDiagnostics(container),
    ...protectionDiagnostics(container, mountDifferences(container)),
    ...volumeElsewhere(container),
  ];
}

function privilegeDiagnostics(container: PresentInput): readonly Diagnostic[] {
  const { desired, guest } = container;
  const isUnprivileged = guest.config.head.keys.get('unprivileged') === '1';
  if (desired.unprivileged === undefined || desired.unprivileged === isUnprivileged) return [];
  return [
    problem(container, {
      code: 'lxc/unprivileged-is-fixed',
      summary: `container ${guest.vmid} is ${isUnprivileged ? 'unprivileged' : 'privileged'} and stays so`,
      detail: 'Proxmox fixes it when a container is made.',
      remedy: `Set "unprivileged": ${isUnprivileged}, or back it up and restore it with the other mode.`,
    }),
  ];
}

function volumeElsewhere(container: PresentInput): readonly Diagnostic[] {
  const { desired, guest } = container;
  const { keys } = guest.config.head;
  const rootfs = { path: '/', key: 'rootfs', wanted: desired.storage };
  const volumes = wantedMounts(desired).map(({ path, source }) => ({
    path,
    key: findMount(keys, path) ?? '',
    wanted: source.kind === 'volume' ? source.storage : undefined,
  }));
  return [rootfs, ...volumes].flatMap(({ path, key, wanted }) => {
    const text = keys.get(key);
    if (text === undefined || wanted === undefined) return [];
    const mount = parseMount(text);
    const storage = mount.get('volume')?.split(':', 1)[0];
    if (isBind(mount) || storage === wanted) return [];
    return [
      problem(container, {
        code: 'lxc/volume-elsewhere',
        severity: 'warning',
        summary: `the volume at ${path} is on ${storage}, not on ${wanted}`,
        detail: 'Phoenix allocates a volume once and never moves it.',
        remedy: `pct move-volume ${guest.vmid} ${key} ${wanted}`,
      }),
    ];
  });
}
