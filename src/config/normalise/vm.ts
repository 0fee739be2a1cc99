import type { DesiredDisk, DesiredPciDevice, DesiredVm } from '../../model/desired.ts';
import type { RawVm } from '../raw-guest.ts';
import type { VmDefaults } from '../schema/vm.ts';
import { cloudInitOf, type CloudInitContext } from './cloud-init.ts';
import { guestCommon, type NormaliseContext } from './guest-common.ts';
import { imageOf } from './image.ts';
import { takeSlot, vmNicsOf } from './vm-nics.ts';

export type VmContext = NormaliseContext &
  CloudInitContext & {
    /** `vm_defaults` of the file. */
    readonly defaults: VmDefaults;
    /** Ubuntu release of the images that `template_image` names. */
    readonly ubuntuRelease: string;
    /** The VMs that one is cloned from, nearest first. */
    readonly lineOf: (guest: RawVm) => readonly RawVm[];
  };

/** A VM with its keys' quirks resolved and the defaults of its file filled in. */
export function vmOf(guest: RawVm, context: VmContext): DesiredVm {
  const { config } = guest;
  const { defaults } = context;
  const line = context.lineOf(guest);
  const storage = config.storage_pool ?? defaults.storage_pool;
  const diskGiB = diskSizeOf(guest, line, defaults);
  const image = imageOf(guest, defaults, context.ubuntuRelease);
  const cloudInit = cloudInitOf(guest, line, context);
  const serialConsole = config.serial_console ?? (image && config.existing !== true ? true : undefined);
  return {
    kind: 'vm',
    ...common(guest, context),
    ...(image && { image }),
    ...(config.clone_from_vmid !== undefined && { cloneFrom: cloneSourceOf(guest, line, context) }),
    ...(storage !== undefined && { storage }),
    ...(diskGiB !== undefined && { diskGiB }),
    disks: disksOf(guest, storage),
    ...(config.cpu_type !== undefined && { cpuType: config.cpu_type }),
    ...(config.sockets !== undefined && { sockets: config.sockets }),
    ...(config.bios !== undefined && { bios: config.bios }),
    ...(config.machine !== undefined && { machine: config.machine }),
    ...(config.os_type !== undefined && { osType: config.os_type }),
    agent: config.guest_agent ?? true,
    ...(serialConsole !== undefined && { serialConsole }),
    ...(config.boot_devices && { bootOrder: [...new Set(config.boot_devices)] }),
    ...(config.protection !== undefined && { protection: config.protection }),
    nics: vmNicsOf(guest, defaults, line),
    pciDevices: pciDevicesOf(guest),
    ...(cloudInit && { cloudInit }),
    ...featureSnapshots(guest),
  };
}

/** Proxmox makes no template of a VM with snapshots, so one that becomes a template has none. */
function common(guest: RawVm, context: VmContext) {
  const { config } = guest;
  const { cores, memory_mb } = { ...context.defaults, ...config };
  const snapshot = config.is_template === true ? undefined : config.template_snapshot_name;
  return guestCommon(
    { ...guest, config: { ...config, cores, memory_mb, template_snapshot_name: snapshot } },
    context,
  );
}

function cloneSourceOf(
  { config }: RawVm,
  [source]: readonly RawVm[],
  context: VmContext,
): NonNullable<DesiredVm['cloneFrom']> {
  const vmid = context.resolveReference(config.clone_from_vmid ?? 0);
  const snapshot = source?.config.is_template === true ? undefined : context.snapshotOf(vmid);
  return {
    vmid,
    ...(snapshot !== undefined && { snapshot }),
    ...(config.clone_mode !== undefined && { isFull: config.clone_mode === 'full' }),
  };
}

/** A default never asks for less than what a clone's source has. */
function diskSizeOf(
  { config }: RawVm,
  line: readonly RawVm[],
  { disk_size_gb: fallback }: VmDefaults,
): number | undefined {
  if (config.disk_size_gb !== undefined || fallback === undefined) return config.disk_size_gb;
  return Math.max(fallback, ...line.flatMap((source) => source.config.disk_size_gb ?? []));
}

function disksOf({ config }: RawVm, storage: string | undefined): readonly DesiredDisk[] {
  return (config.disks ?? []).map((disk) => ({
    slot: disk.slot,
    // Without any storage the folder has an error of its own.
    storage: disk.storage_pool ?? storage ?? '',
    sizeGiB: disk.size_gb,
    ...(disk.backup !== undefined && { backup: disk.backup }),
    ...(disk.discard !== undefined && { discard: disk.discard }),
    ...(disk.ssd !== undefined && { ssd: disk.ssd }),
    ...(disk.iothread !== undefined && { ioThread: disk.iothread }),
    ...(disk.cache !== undefined && { cache: disk.cache }),
  }));
}

function pciDevicesOf({ config }: RawVm): readonly DesiredPciDevice[] {
  const devices = config.pci_devices ?? [];
  const taken = new Set(devices.flatMap(({ slot }) => slot ?? []));
  return devices.map((device) => ({
    slot: device.slot ?? takeSlot('hostpci', taken),
    source:
      device.mapping === undefined
        ? { address: (device.address ?? '').toLowerCase() }
        : { mapping: device.mapping },
    ...(device.pcie !== undefined && { pcie: device.pcie }),
    ...(device.primary_gpu !== undefined && { primaryGpu: device.primary_gpu }),
  }));
}

function featureSnapshots({
  config,
}: RawVm): Pick<DesiredVm, 'preFeaturesSnapshot' | 'postFeaturesSnapshot'> {
  const { snapshots, is_template } = config;
  if (!snapshots || is_template === true) return {};
  const before = snapshots['pre-features'] ?? snapshots.pre_features;
  const after = snapshots['post-features'] ?? snapshots.post_features;
  return {
    ...(before !== undefined && { preFeaturesSnapshot: before }),
    ...(after !== undefined && { postFeaturesSnapshot: after }),
  };
}
