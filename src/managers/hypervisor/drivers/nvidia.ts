import type { DesiredNvidia } from '../../../model/desired-host.ts';
import { joined, type HostInput, type Part } from '../part.ts';
import { finding } from '../operations.ts';
import { installPackages } from '../system/packages.ts';
import { INSTALL_NVIDIA } from './install-nvidia.ts';
import { drivers, UPDATE_RAMDISK } from './operations.ts';
import type { Reboot } from './reboot.ts';

/** Makes the device nodes of NVIDIA's driver at boot, before the first guest wants them. */
export const NVIDIA_UNIT = 'phoenix-nvidia.service';
const NOUVEAU_FILE = '/etc/modprobe.d/phoenix-nouveau.conf';
const UNIT_FILE = `/etc/systemd/system/${NVIDIA_UNIT}`;

/** Phoenix's own files for NVIDIA's driver. */
export const NVIDIA_FILES: readonly string[] = [NOUVEAU_FILE, UNIT_FILE];

type Result = { readonly part: Part; readonly reboots: readonly Reboot[] };

/**
 * NVIDIA's driver in the wanted version: headers and DKMS, nouveau off, the driver for the kernel that
 * runs, and a unit for its device nodes. What needs a reboot to be in force is said and waited for.
 */
export function nvidia(input: HostInput): Result {
  const { desired, observed } = input;
  const about = observed.node.host?.drivers;
  const system = observed.node.host?.system;
  if (!desired.nvidia || !about || !system) return NOTHING_TO_DO;
  const isGpu = ({ id, deviceClass, driver }: (typeof about.pciDevices)[number]): boolean =>
    id.startsWith('10de:') && deviceClass.startsWith('0x03') && driver !== 'vfio-pci';
  if (!about.pciDevices.some(isGpu)) return { part: { diagnostics: [NO_GPU] }, reboots: [] };
  const loaded = observed.node.nvidiaVersion;
  const isInstalled =
    about.nvidiaInstalled === desired.nvidia.version &&
    about.nvidiaBuilds.includes(`${desired.nvidia.version} ${system.kernel}`);
  const nouveau = nouveauOff(input);
  // Beside nouveau NVIDIA's module cannot be loaded, and its installer refuses.
  const isBlocked = observed.node.host?.modules?.has('nouveau') === true && loaded === undefined;
  const wantsReboot = isInstalled && loaded !== desired.nvidia.version && loaded !== undefined;
  const parts: readonly Part[] = [
    headers(input),
    nouveau,
    isInstalled || isBlocked ? {} : driver(input, desired.nvidia, loaded),
    isInstalled && loaded === undefined && !isBlocked ? load() : {},
    isInstalled ? deviceNodes(input) : {},
  ];
  return {
    part: joined(parts),
    reboots: [
      ...(isBlocked
        ? [{ attribute: 'driver of the GPU', before: 'nouveau', after: 'none, for NVIDIA’s' }]
        : []),
      ...(wantsReboot
        ? [{ attribute: 'NVIDIA driver in use', before: loaded, after: desired.nvidia.version }]
        : []),
    ],
  };
}

const NOTHING_TO_DO: Result = { part: {}, reboots: [] };

const NO_GPU = finding('warning', 'no-gpu', {
  summary: 'The folder asks for NVIDIA’s driver, and the host has no GPU of NVIDIA’s for itself',
  detail: 'Nothing was installed. A GPU that virtual machines get does not count.',
});

/** DKMS and the headers of the running kernel, and those of the kernels to come. */
function headers({ observed }: HostInput): Part {
  const { host, hasProxmox } = observed.node;
  const system = host?.system;
  if (!system) return {};
  const missing = [
    ...(host.packages?.has('dkms') === true ? [] : ['dkms']),
    ...(system.headers.includes(system.kernel) ? [] : headersOf(system.kernel, system.suite, hasProxmox)),
  ];
  if (missing.length === 0) return {};
  const attributes = missing.map((name) => `package ${name}`);
  return {
    changes: attributes.map((attribute) => drivers.change(attribute, undefined, 'installed')),
    operations: installPackages(drivers, attributes, missing),
    makes: { packages: missing },
  };
}

function headersOf(kernel: string, suite: string, hasProxmox: boolean): readonly string[] {
  if (!kernel.endsWith('-pve')) return [`linux-headers-${kernel}`, 'linux-headers-amd64'];
  const prefix = suite === 'bullseye' ? 'pve-headers' : 'proxmox-headers';
  const next = suite === 'bullseye' ? 'pve-headers' : 'proxmox-default-headers';
  return [`${prefix}-${kernel}`, ...(hasProxmox ? [next] : [])];
}

function nouveauOff({ observed }: HostInput): Part {
  const attribute = 'nouveau';
  const ready = `${NOUVEAU_TEXT}# The initial ramdisks have it, too.\n`;
  if (observed.node.files?.get(NOUVEAU_FILE) === ready) return {};
  return {
    changes: [drivers.change(attribute, 'may be loaded', 'off')],
    // Its last line comes last: a run that is cut short before makes the ramdisks anew.
    operations: [
      drivers.write([attribute], NOUVEAU_FILE, NOUVEAU_TEXT, 0o644),
      UPDATE_RAMDISK,
      drivers.write([attribute], NOUVEAU_FILE, ready, 0o644),
    ],
  };
}

const NOUVEAU_TEXT =
  '# Written by phoenix setup ("nvidia_driver").\nblacklist nouveau\noptions nouveau modeset=0\n';

function driver({ consent }: HostInput, wanted: DesiredNvidia, loaded: string | undefined): Part {
  const { version, installerUrl = `${DOWNLOADS}/${version}/NVIDIA-Linux-x86_64-${version}.run` } = wanted;
  const attribute = 'NVIDIA driver';
  // Containers that use the old driver lose it.
  const effect = loaded === undefined ? 'live' : 'restart';
  return {
    changes: [drivers.change(attribute, loaded, version, effect)],
    operations: consent.allows(effect, 'node')
      ? [
          drivers.script(
            [attribute],
            { ...INSTALL_NVIDIA, args: [version, installerUrl] },
            { timeoutMs: 3_600_000, title: `install NVIDIA's driver ${version}` },
          ),
        ]
      : [],
  };
}

const DOWNLOADS = 'https://download.nvidia.com/XFree86/Linux-x86_64';

function load(): Part {
  const attribute = 'NVIDIA driver in use';
  return {
    changes: [drivers.change(attribute, undefined, 'loaded')],
    operations: [drivers.run([attribute], ['modprobe', '--', 'nvidia'])],
  };
}

function deviceNodes({ observed }: HostInput): Part {
  const text = observed.node.files?.get(UNIT_FILE);
  const unit = observed.node.host?.units?.get(NVIDIA_UNIT);
  const attribute = 'device nodes at boot';
  if (text === UNIT_TEXT && unit?.enabled === true) return {};
  return {
    changes: [drivers.change(attribute, undefined, NVIDIA_UNIT)],
    operations: [
      ...(text === UNIT_TEXT ? [] : [drivers.write([attribute], UNIT_FILE, UNIT_TEXT, 0o644)]),
      drivers.run([attribute], ['systemctl', 'daemon-reload']),
      drivers.run([attribute], ['systemctl', 'enable', '--now', '--', NVIDIA_UNIT]),
    ],
  };
}

const UNIT_TEXT = `# Written by phoenix setup ("nvidia_driver").
[Unit]
Description=Device nodes of NVIDIA's driver, before guests start
Before=pve-guests.service
ConditionPathExists=/usr/bin/nvidia-modprobe

[Service]
Type=oneshot
RemainAfterExit=yes
# Nodes of the first GPU, of nvidia-uvm and of nvidia-modeset; then the driver stays loaded.
ExecStart=/usr/bin/nvidia-modprobe -c 0 -u -m
ExecStart=-/usr/bin/nvidia-smi -pm 1

[Install]
WantedBy=multi-user.target pve-guests.service
`;
