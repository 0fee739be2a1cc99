import type { ObservedPciDevice } from '../../../model/observed-host.ts';
import type { HostInput, Part } from '../part.ts';
import { finding } from '../operations.ts';
import { drivers, UPDATE_RAMDISK } from './operations.ts';
import type { Reboot } from './reboot.ts';

const OPTIONS_FILE = '/etc/modprobe.d/phoenix-vfio.conf';
const MODULES_FILE = '/etc/modules-load.d/phoenix-vfio.conf';

/** Phoenix's own files for devices that virtual machines get. */
export const PASSTHROUGH_FILES: readonly string[] = [OPTIONS_FILE, MODULES_FILE];

/** Binds PCI devices to vfio-pci before any other driver sees them, from the next boot on. */
export function passthrough({ desired, observed }: HostInput): {
  readonly part: Part;
  readonly reboots: readonly Reboot[];
} {
  const wanted = desired.passthrough;
  const about = observed.node.host?.drivers;
  if (!wanted || !about) return { part: {}, reboots: [] };
  const devices = about.pciDevices.filter((device) => wanted.some((word) => names(word, device)));
  const absent = wanted.filter((word) => !about.pciDevices.some((device) => names(word, device)));
  const ids = [...new Set(devices.map(({ id }) => id))].toSorted();
  const others = about.pciDevices.filter(
    ({ id, address }) => ids.includes(id) && !devices.some((one) => one.address === address),
  );
  const problems = [
    ...(absent.length > 0 ? [noSuchDevice(absent)] : []),
    ...(others.length > 0 ? [sameId(others)] : []),
  ];
  if (problems.length > 0) return { part: { diagnostics: problems }, reboots: [] };
  const texts = textsFor(ids);
  const writes = PASSTHROUGH_FILES.filter(
    (path) => (observed.node.files?.get(path) ?? null) !== (texts.get(path) ?? null),
  );
  const attribute = 'devices for virtual machines';
  const bound = devices.filter(({ driver }) => driver !== 'vfio-pci');
  return {
    part: {
      changes: writes.length > 0 ? [drivers.change(attribute, undefined, ids.join(', ') || 'none')] : [],
      operations:
        writes.length > 0
          ? [
              // The list of modules comes last: a run that is cut short before it makes the ramdisks anew.
              ...writes
                .filter((path) => path !== MODULES_FILE)
                .map((path) => drivers.write([attribute], path, texts.get(path) ?? null, 0o644)),
              UPDATE_RAMDISK,
              drivers.write([attribute], MODULES_FILE, texts.get(MODULES_FILE) ?? null, 0o644),
            ]
          : [],
      diagnostics: about.iommuGroups === 0 && devices.length > 0 ? [NO_IOMMU] : [],
    },
    reboots: bound.map(({ address, driver }) => ({
      attribute: `driver of ${address}`,
      before: driver,
      after: 'vfio-pci',
    })),
  };
}

function names(word: string, { address, id }: ObservedPciDevice): boolean {
  const lower = word.toLowerCase();
  return (
    lower === id ||
    lower === address ||
    `0000:${lower}` === address ||
    address.startsWith(`${withDomain(lower)}.`)
  );
}

/** `01:00` stands for all functions of `0000:01:00`. */
function withDomain(word: string): string {
  return /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}$/.test(word) ? word : `0000:${word}`;
}

function textsFor(ids: readonly string[]): ReadonlyMap<string, string> {
  if (ids.length === 0) return new Map();
  const rivals = [
    'nouveau',
    'nvidia',
    'nvidiafb',
    'amdgpu',
    'radeon',
    'i915',
    'xe',
    'snd_hda_intel',
    'xhci_pci',
  ];
  return new Map([
    [
      OPTIONS_FILE,
      `# Written by phoenix setup ("passthrough_devices"); changes made here are lost.
options vfio-pci ids=${ids.join(',')}
${rivals.map((name) => `softdep ${name} pre: vfio-pci\n`).join('')}`,
    ],
    [MODULES_FILE, '# Written by phoenix setup ("passthrough_devices").\nvfio-pci\n'],
  ]);
}

const NO_IOMMU = finding('warning', 'no-iommu', {
  summary: 'The IOMMU is off, so no device can be handed to a virtual machine',
  detail: 'The kernel shows no IOMMU groups.',
  remedy:
    'Turn on VT-d or AMD-Vi in the firmware setup. On Intel with a kernel before 6.8 the kernel needs "intel_iommu=on" besides:\n' +
    '    in /etc/kernel/cmdline, then proxmox-boot-tool refresh; or in /etc/default/grub, then update-grub',
});

function noSuchDevice(absent: readonly string[]) {
  return finding('error', 'no-such-device', {
    summary: 'The host has no such PCI devices',
    detail: absent.join(', '),
    remedy: 'Look at what there is, and name it by address or id:\n    lspci -nn',
  });
}

function sameId(others: readonly ObservedPciDevice[]) {
  return finding('error', 'device-id-is-shared', {
    summary: 'Devices that the host keeps have the same id as devices that it gives away',
    detail: `${others.map(({ address, id }) => `${address} (${id})`).join(', ')}: the kernel binds them by id.`,
    remedy: 'Name all of them, or none.',
  });
}
