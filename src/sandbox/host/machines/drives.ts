import { HostError, type MachineDrive } from '../../../twin/host.ts';
import { imagePath } from '../volume-store.ts';

/** Which file a drive shows and in which format; undefined for an empty tray. */
export type DriveFile = { readonly path: string; readonly format: string };

/** The file behind a drive. Files of the host are raw unless their name says otherwise. */
export function driveFile({ medium }: MachineDrive): DriveFile | undefined {
  if (medium.kind === 'none') return undefined;
  if (medium.kind === 'volume') {
    return { path: imagePath(medium.volume, medium.format), format: medium.format };
  }
  return { path: medium.path, format: /\.(qcow2|vmdk)$/.exec(medium.path)?.[1] ?? 'raw' };
}

/** QEMU's name for what is behind a drive, as Proxmox gives it. */
export function driveId(key: string): string {
  return `drive-${key}`;
}

/** `-drive`: the file. The sandbox's disk is nobody's archive, so nothing waits until it is written. */
export function driveOption(drive: MachineDrive): string {
  const file = driveFile(drive);
  const parts = [`id=${driveId(drive.key)}`, 'if=none'];
  if (file !== undefined) {
    parts.push(`file=${file.path.replaceAll(',', ',,')}`, `format=${file.format}`, 'cache=unsafe');
  }
  // A Cloud-Init drive is written anew under a running VM.
  if (drive.isCdrom) parts.push('media=cdrom', 'readonly=on', ...(file ? ['file.locking=off'] : []));
  else parts.push('discard=unmap', 'detect-zeroes=unmap');
  return parts.join(',');
}

/** The device by which the guest sees a drive. Controllers are named by `controllersOf`. */
export function driveDevice(
  drive: Pick<MachineDrive, 'key' | 'isCdrom' | 'fields'>,
  board: Board,
  bootIndex: number | undefined,
): string {
  const { key, isCdrom, fields } = drive;
  const { bus, number } = slotOf(key);
  const parts = [
    ...place(bus, number, isCdrom, board),
    `drive=${driveId(key)}`,
    `id=${key}`,
    ...(fields['serial'] === undefined ? [] : [`serial=${fields['serial'].replaceAll(',', ',,')}`]),
    ...(fields['ssd'] === '1' && bus !== 'virtio' ? ['rotation_rate=1'] : []),
    ...(bootIndex === undefined ? [] : [`bootindex=${bootIndex}`]),
  ];
  return parts.join(',');
}

/** The mainboard, as far as drives have their place on it. */
export type Board = { readonly isQ35: boolean; readonly scsihw: string };

/** `-device` of the controllers that drives hang on. */
export function controllersOf(drives: readonly MachineDrive[], { scsihw }: Board): string[] {
  const scsi = drives.flatMap(({ key }) => (slotOf(key).bus === 'scsi' ? [slotOf(key).number] : []));
  const hasSata = drives.some(({ key }) => slotOf(key).bus === 'sata');
  return [
    ...(hasSata ? ['ahci,id=ahci0'] : []),
    ...(scsihw === 'virtio-scsi-single'
      ? scsi.map((number) => scsiController(scsihw, number))
      : // There from the start, so that a disk can be plugged later.
        [scsiController(scsihw, 0)]),
  ];
}

/** One SCSI controller; `virtio-scsi-single` has one for each disk. */
export function scsiController(scsihw: string, number: number): string {
  const known = SCSI_DEVICES[scsihw];
  if (known === undefined) throw new HostError(`the sandbox has no SCSI controller '${scsihw}'`);
  return scsihw === 'virtio-scsi-single' ? `${known},id=virtioscsi${number}` : `${known},id=scsihw0`;
}

const SCSI_DEVICES: Readonly<Record<string, string>> = {
  lsi: 'lsi53c895a',
  lsi53c810: 'lsi53c810',
  'virtio-scsi-pci': 'virtio-scsi-pci',
  'virtio-scsi-single': 'virtio-scsi-pci',
  megasas: 'megasas',
  pvscsi: 'pvscsi',
};

export function slotOf(key: string): { readonly bus: string; readonly number: number } {
  const [, bus = '', number = '0'] = /^([a-z]+)(\d+)$/.exec(key) ?? [];
  return { bus, number: Number(number) };
}

function place(bus: string, number: number, isCdrom: boolean, { isQ35, scsihw }: Board): string[] {
  const kind = isCdrom ? 'cd' : 'hd';
  switch (bus) {
    case 'ide':
      return isQ35
        ? [`ide-${kind}`, `bus=ide.${number}`]
        : [`ide-${kind}`, `bus=ide.${Math.floor(number / 2)}`, `unit=${number % 2}`];
    case 'sata':
      return [`ide-${kind}`, `bus=ahci0.${number}`];
    case 'scsi':
      if (scsihw === 'virtio-scsi-single') {
        return [`scsi-${kind}`, `bus=virtioscsi${number}.0`, 'channel=0', 'scsi-id=0', `lun=${number}`];
      }
      return scsihw === 'virtio-scsi-pci'
        ? [`scsi-${kind}`, 'bus=scsihw0.0', 'channel=0', 'scsi-id=0', `lun=${number}`]
        : [`scsi-${kind}`, 'bus=scsihw0.0', `scsi-id=${number}`];
    case 'virtio':
      return ['virtio-blk-pci'];
    default:
      throw new HostError(`the sandbox has no place for a drive '${bus}${number}'`);
  }
}
