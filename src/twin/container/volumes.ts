import { ToolError } from '../call/errors.ts';
import { FORMATS } from '../call/parameters.ts';
import { parseFields, printFields } from '../call/schema.ts';
import { printSize, readSize } from '../call/sizes.ts';
import type { Config, Section } from './config.ts';

/** A mount point or an unused volume as a tool holds it. */
export type GuestVolume = {
  /** `rootfs`, `mp0`, `unused3`. */
  readonly key: string;
  readonly kind: 'volume' | 'bind' | 'device';
  /** Volume id, or a path of the host. */
  volume: string;
  /** Where it is mounted; `/` for rootfs. */
  readonly path: string;
  sizeBytes: number | undefined;
  /** Its other sub-keys (`ro`, `backup`, `mountoptions`, …) as given. */
  readonly fields: ReadonlyMap<string, string>;
};

/** `storage:SIZE` in GiB asks for a new volume. */
export const NEW_VOLUME = /^([^:\s]+):(\d+(\.\d+)?)$/;

/** Reads a mount point's value; throws a `FormatError` for one that breaks its format. */
export function parseVolume(key: string, text: string): GuestVolume {
  const fields = parseFields(formatOf(key), text);
  const size = fields.get('size');
  const volume = fields.get('volume') ?? '';
  return {
    key,
    kind: classify(volume),
    volume,
    path: key === 'rootfs' ? '/' : (fields.get('mp') ?? ''),
    sizeBytes: size === undefined ? undefined : readSize(size),
    fields,
  };
}

/** Prints a mount point's value with the volume and size that it has now. */
export function printVolume(mount: GuestVolume): string {
  const fields = new Map(mount.fields);
  fields.set('volume', mount.volume);
  if (mount.sizeBytes === undefined) fields.delete('size');
  else fields.set('size', printSize(mount.sizeBytes));
  for (const value of fields.values()) {
    if (value.includes(',')) throw new ToolError(`illegal value with commas for ${mount.key}`);
  }
  return printFields(formatOf(mount.key), fields);
}

/** The mount points of a section: rootfs, then mp0 upwards. Values that cannot be read are passed over. */
export function mountsOf(section: Section): GuestVolume[] {
  return keysOf(section, /^(rootfs|mp(?:[0-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]))$/).flatMap((key) =>
    readQuietly(section, key),
  );
}

/** The volumes that a section only keeps: its `unusedN` entries. */
export function unusedOf(section: Section): GuestVolume[] {
  return keysOf(section, /^(unused\d+)$/).flatMap((key) => readQuietly(section, key));
}

/** Is a volume mounted in this section? */
export function isMounted(section: Section, volume: string): boolean {
  return mountsOf(section).some((mount) => mount.kind === 'volume' && mount.volume === volume);
}

/** Is a volume mounted in the configuration, in one of its snapshots, or in what is pending? */
export function isInUse(config: Config, volume: string): boolean {
  return isMounted(config.head, volume) || isInSnapshot(config, volume) || isMounted(config.pending, volume);
}

export function isInSnapshot(config: Config, volume: string): boolean {
  return [...config.snapshots.values()].some((section) => isMounted(section, volume));
}

/** Keeps a volume as the first free `unusedN`; gives its key, or undefined where it is kept already. */
export function addUnused(section: Section, volume: string): string | undefined {
  let free: string | undefined;
  for (let index = 255; index >= 0; index--) {
    const kept = section.keys.get(`unused${index}`);
    if (kept === volume) return undefined;
    if (kept === undefined) free = `unused${index}`;
  }
  if (free === undefined) throw new ToolError('Too many unused volumes - please delete them first.');
  section.keys.set(free, volume);
  return free;
}

/** A volume id and its storage; undefined for what is none. */
export function splitVolumeId(volume: string): { storage: string; name: string } | undefined {
  const match = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i.exec(volume);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { storage: match[1], name: match[2] };
}

function classify(volume: string): GuestVolume['kind'] {
  if (!volume.startsWith('/')) return 'volume';
  return volume.startsWith('/dev/') ? 'device' : 'bind';
}

function formatOf(key: string): NonNullable<(typeof FORMATS)[string]> {
  const name = key === 'rootfs' ? 'rootfs' : key.startsWith('unused') ? 'unused' : 'mp';
  return FORMATS[name] ?? {};
}

function keysOf(section: Section, pattern: RegExp): string[] {
  return [...section.keys.keys()].filter((key) => pattern.test(key)).toSorted((a, b) => order(a) - order(b));
}

function order(key: string): number {
  return key === 'rootfs' ? -1 : Number(/\d+$/.exec(key)?.[0] ?? 0);
}

function readQuietly(section: Section, key: string): GuestVolume[] {
  try {
    return [parseVolume(key, section.keys.get(key) ?? '')];
  } catch {
    return [];
  }
}
