import type { DesiredContainer, DesiredGuest, Folder } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { GuestId } from '../model/target.ts';

/**
 * The folder without what needs a GPU, since no sandbox has one: assigned GPUs, NVIDIA's device nodes
 * as devices and as raw mounts, and the driver's feature. The notice names the guests that lack some.
 */
export function withoutGpus(folder: Folder): {
  readonly folder: Folder;
  readonly notices: readonly Diagnostic[];
} {
  const guests = new Map<GuestId, DesiredGuest>();
  const lacking: GuestId[] = [];
  for (const [vmid, guest] of folder.guests) {
    const lacksGpu = guest.kind === 'lxc' && usesGpu(guest);
    guests.set(vmid, lacksGpu ? strip(guest) : guest);
    if (lacksGpu) lacking.push(vmid);
  }
  return { folder: { ...folder, guests }, notices: lacking.length === 0 ? [] : [notice(lacking)] };
}

const FEATURE = 'nvidia';

function usesGpu({ gpus, features, devices, rawLines }: DesiredContainer): boolean {
  return (
    gpus.length > 0 ||
    features.some(({ name }) => name === FEATURE) ||
    devices.some(({ path }) => isGpuNode(path)) ||
    rawLines.some(isGpuMount)
  );
}

function strip(guest: DesiredContainer): DesiredContainer {
  return {
    ...guest,
    gpus: [],
    features: guest.features.filter(({ name }) => name !== FEATURE),
    devices: guest.devices.filter(({ path }) => !isGpuNode(path)),
    rawLines: guest.rawLines.filter((line) => !isGpuMount(line)),
  };
}

function isGpuMount([key, value]: readonly [string, string]): boolean {
  return key === 'lxc.mount.entry' && isGpuNode(value);
}

function isGpuNode(path: string): boolean {
  return path.startsWith('/dev/nvidia');
}

function notice(vmids: readonly GuestId[]): Diagnostic {
  return {
    code: 'sandbox/no-gpu',
    severity: 'notice',
    summary: `the sandbox has no GPUs: left out of ${vmids.join(', ')}`,
    detail: 'Without them go the "nvidia" feature and every /dev/nvidia* of these guests.',
  };
}
