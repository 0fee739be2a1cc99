import { ToolError } from '../call/errors.ts';
import { FORMATS, type PropertyFormat } from '../call/parameters.ts';
import { parseFields, printFields } from '../call/schema.ts';
import { printSize, readSize } from '../call/sizes.ts';
import type { Section } from '../container/config.ts';
import { machineSettingOf } from './config-lines.ts';

/** A drive of a VM as a tool holds it. */
export type Drive = {
  /** `scsi0`, `ide2`, `efidisk0`, `unused3`. */
  readonly key: string;
  /** Volume id, a path of the host, `none` or `cdrom`; `storage:SIZE` asks for a new volume. */
  file: string;
  sizeBytes: number | undefined;
  /** Its other sub-keys (`media`, `discard`, `format`, …) as given. */
  readonly fields: Map<string, string>;
};

/** `storage:SIZE` in GiB asks for a new volume. */
export const NEW_DISK = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/;

/** Keys that may hold a drive, in the order in which Proxmox goes through them. */
export const DRIVE_KEYS: readonly string[] = [
  ...series('ide', 4),
  ...series('scsi', 31),
  ...series('virtio', 16),
  ...series('sata', 6),
  'efidisk0',
  'tpmstate0',
];

export function isDriveKey(key: string): boolean {
  return KEYS.has(key);
}

/** Reads a drive's value; throws a `FormatError` for one that breaks its format. */
export function parseDrive(key: string, text: string): Drive {
  const fields = parseFields(formatOf(key), text);
  const size = fields.get('size');
  const file = fields.get('file') ?? '';
  fields.delete('file');
  fields.delete('size');
  return { key, file, sizeBytes: size === undefined ? undefined : readSize(size), fields };
}

/** Prints a drive's value with the volume and size that it has now. */
export function printDrive(drive: Drive): string {
  const fields = new Map(drive.fields);
  fields.set('file', drive.file);
  if (drive.sizeBytes !== undefined) fields.set('size', printSize(drive.sizeBytes));
  for (const value of fields.values()) {
    if (value.includes(',')) throw new ToolError(`illegal value with commas for ${drive.key}`);
  }
  return printFields(formatOf(drive.key), fields);
}

/** The drives of a section in Proxmox's order. Values that cannot be read are passed over. */
export function drivesOf(section: Section): Drive[] {
  return DRIVE_KEYS.flatMap((key) => readQuietly(section, key));
}

/** The volumes that a section only keeps: its `unusedN` entries. */
export function unusedDrivesOf(section: Section): Drive[] {
  const keys = [...section.keys.keys()].filter((key) => /^unused\d+$/.test(key));
  return keys
    .toSorted((a, b) => Number(a.slice(6)) - Number(b.slice(6)))
    .flatMap((key) => readQuietly(section, key));
}

/** Does a drive hold a Cloud-Init drive's volume? */
export function isCloudInit(drive: Drive): boolean {
  return /[:/](?:vm-\d+-)?cloudinit(?:\.(?:raw|qcow|qed|qcow2|vmdk|cloop))?$/.test(drive.file);
}

export function isCdrom(drive: Drive): boolean {
  return drive.fields.get('media') === 'cdrom';
}

/** A CD drive, and not one for Cloud-Init. */
export function isPlainCdrom(drive: Drive): boolean {
  return isCdrom(drive) && !isCloudInit(drive);
}

/** The key of a section's Cloud-Init drive, but for `besides`. */
export function cloudInitKey(section: Section, besides?: string): string | undefined {
  return drivesOf(section).find((drive) => drive.key !== besides && isCloudInit(drive))?.key;
}

export function hasCloudInit(section: Section): boolean {
  return cloudInitKey(section) !== undefined;
}

/** Does a drive of the section but `besides`, CD drives apart, hold a volume? */
export function isAttached(section: Section, volume: string, besides?: string): boolean {
  return drivesOf(section).some((drive) => drive.key !== besides && !isCdrom(drive) && drive.file === volume);
}

function formatOf(key: string): PropertyFormat {
  const format = machineSettingOf(key)?.format;
  return typeof format === 'object' ? (FORMATS[format.properties] ?? {}) : {};
}

function readQuietly(section: Section, key: string): Drive[] {
  const text = section.keys.get(key);
  if (text === undefined) return [];
  try {
    return [parseDrive(key, text)];
  } catch {
    return [];
  }
}

function series(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

const KEYS = new Set(DRIVE_KEYS);
