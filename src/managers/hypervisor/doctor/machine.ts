import type { Folder } from '../../../model/desired.ts';
import type { Diagnostic } from '../../../model/diagnostic.ts';
import type { Observation } from '../../../model/observation.ts';
import { finding } from './finding.ts';

/** Clock, IOMMU, kernel and the GPU's driver. */
export function machineFindings({ host, nvidiaVersion }: Observation, folder: Folder): readonly Diagnostic[] {
  const { hypervisor, guests } = folder;
  const wantsDevices =
    (hypervisor.passthrough ?? []).length > 0 ||
    [...guests.values()].some((guest) => guest.kind === 'vm' && guest.pciDevices.length > 0);
  const hasIommu = host?.drivers === undefined || host.drivers.iommuGroups > 0;
  const wanted = hypervisor.nvidiaDriverVersion;
  const newest = host?.system?.installedKernels.toSorted(byVersion).at(-1);
  return [
    ...(host?.health?.isClockSynchronised === false ? [CLOCK] : []),
    ...(hasIommu ? [] : [iommu(wantsDevices)]),
    ...(nvidiaVersion !== undefined && wanted !== undefined && nvidiaVersion !== wanted
      ? [otherDriver(nvidiaVersion, wanted)]
      : []),
    ...(newest !== undefined && host?.system && newest !== host.system.kernel
      ? [otherKernel(host.system.kernel, newest)]
      : []),
  ];
}

function byVersion(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

const CLOCK = finding('warning', 'clock', {
  summary: 'The clock is not synchronised',
  detail: 'Clusters, certificates and backups go wrong with a wrong clock.',
  remedy: 'Look at what keeps it:\n    timedatectl\n    systemctl status chrony',
});

function iommu(isNeeded: boolean): Diagnostic {
  return finding(isNeeded ? 'error' : 'notice', 'no-iommu', {
    summary: 'The IOMMU is off: no device can be handed to a virtual machine',
    remedy:
      'Turn on VT-d or AMD-Vi in the firmware setup. On Intel with a kernel before 6.8 add "intel_iommu=on" to the kernel command line.',
  });
}

function otherDriver(found: string, wanted: string): Diagnostic {
  return finding('warning', 'driver-differs', {
    summary: `NVIDIA's driver ${found} is loaded, the folder says ${wanted}`,
    detail: 'Containers that see a GPU must have the very version of the host.',
    remedy:
      'Install it, then bring the containers after it:\n    phoenix setup drivers --allow restart\n    phoenix converge all',
  });
}

function otherKernel(running: string, newest: string): Diagnostic {
  return finding('notice', 'kernel-waits', {
    summary: `Kernel ${newest} is installed, ${running} runs`,
    remedy: 'Reboot the host when its guests can bear it.',
  });
}
