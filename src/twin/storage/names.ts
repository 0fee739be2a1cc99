import { ToolError } from '../call/errors.ts';
import { splitList } from '../call/lists.ts';
import { pluginOf, refOf, type Storage } from './config.ts';

/** What a volume's name says of it. */
export type VolumeName = {
  /** `images`, `iso`, `vztmpl`, `backup`, `snippets`, `import`, `rootdir`. */
  readonly type: string;
  /** The name without its folder. */
  readonly file: string;
  readonly vmid: number | undefined;
  /** The base that it is a linked clone of: its name with its folder. */
  readonly base: string | undefined;
  readonly isBase: boolean;
  readonly format: string;
};

const FOLDERS: Readonly<Record<string, string>> = {
  images: 'images',
  rootdir: 'private',
  iso: 'template/iso',
  vztmpl: 'template/cache',
  backup: 'dump',
  snippets: 'snippets',
  import: 'import',
};

/** Reads a volume's name as its storage's type writes them; refuses one that it cannot be. */
export function parseName(storage: Storage, name: string): VolumeName {
  const { naming } = pluginOf(storage);
  if (naming === 'zfs') return parseDataset(name);
  if (naming === 'lvm') return parseLogicalVolume(name);
  return parseFile(name);
}

/** The folder of a storage that holds one kind of content. */
export function folderOf(storage: Storage, type: string): string {
  const own = splitList(storage.options.get('content-dirs') ?? '').find((pair) =>
    pair.startsWith(`${type}=`),
  );
  return `${refOf(storage).path}/${own?.slice(type.length + 1) ?? FOLDERS[type] ?? type}`;
}

/** Where a volume stands on the host: a file, a folder or a device. */
export function pathOf(storage: Storage, name: string): string {
  const parsed = parseName(storage, name);
  const { path } = refOf(storage);
  const { naming } = pluginOf(storage);
  if (naming === 'zfs')
    return parsed.format === 'subvol' ? `/${path}/${parsed.file}` : `/dev/zvol/${path}/${parsed.file}`;
  if (naming === 'lvm') return `/dev/${path}/${parsed.file}`;
  const folder = folderOf(storage, parsed.type);
  if (parsed.type !== 'images') return `${folder}/${parsed.file}`;
  const file = storage.type === 'btrfs' ? parsed.file.replace(/\.raw$/, '/disk.raw') : parsed.file;
  return `${folder}/${parsed.vmid}/${file}`;
}

/** The name of a guest's next volume, given those that it has. */
export function nextName(storage: Storage, vmid: number, format: string, taken: readonly string[]): string {
  const { naming } = pluginOf(storage);
  const pattern = new RegExp(`(?:vm|base|subvol|basevol)-${vmid}-disk-(\\d+)`);
  const numbers = new Set(taken.map((name) => pattern.exec(name)?.[1]));
  for (let index = 0; index < 1024; index++) {
    if (numbers.has(String(index))) continue;
    const prefix = format === 'subvol' ? 'subvol' : 'vm';
    const file = `${prefix}-${vmid}-disk-${index}`;
    return naming === 'files' ? `${vmid}/${file}.${format}` : file;
  }
  throw new ToolError(`unable to allocate an image name for VM ${vmid} in storage '${storage.id}'`);
}

function parseFile(name: string): VolumeName {
  const linked = /^(\d+)\/(\S+)\/(\d+)\/(\S+)$/.exec(name);
  if (linked) {
    const [, baseVmid = '', base = '', vmid = '', file = ''] = linked;
    parseDisk(base);
    return { type: 'images', file, vmid: Number(vmid), base: `${baseVmid}/${base}`, ...parseDisk(file) };
  }
  const disk = /^(\d+)\/(\S+)$/.exec(name);
  if (disk) {
    const [, vmid = '', file = ''] = disk;
    return { type: 'images', file, vmid: Number(vmid), base: undefined, ...parseDisk(file) };
  }
  for (const [type, pattern] of OTHERS) {
    const file = pattern.exec(name)?.[1];
    if (file === undefined) continue;
    const vmid = type === 'backup' ? /^vzdump-(?:openvz|lxc|qemu)-(\d+)-.+/.exec(file)?.[1] : undefined;
    const format = type === 'import' ? (/\.(\w+)$/.exec(file)?.[1] ?? 'raw') : 'raw';
    return {
      type,
      file,
      vmid: vmid === undefined ? undefined : Number(vmid),
      base: undefined,
      isBase: false,
      format,
    };
  }
  throw new ToolError(`unable to parse directory volume name '${name}'`);
}

const OTHERS: readonly (readonly [string, RegExp])[] = [
  ['iso', /^iso\/([^/]+\.(?:iso|img))$/i],
  ['vztmpl', /^vztmpl\/([^/]+\.tar\.(?:gz|xz|zst|bz2))$/],
  ['rootdir', /^rootdir\/(\d+)$/],
  ['backup', /^backup\/([^/]+\.(?:tgz|(?:(?:tar|vma)(?:\.(?:gz|lzo|zst|bz2))?)))$/],
  ['snippets', /^snippets\/([^/]+)$/],
  ['import', /^import\/([\w.+=-]+\.(?:ova|ovf|qcow2|raw|vmdk))$/],
];

function parseDisk(file: string): { isBase: boolean; format: string } {
  const match = /^(base-)?[^/\s]+\.(raw|qcow2|vmdk|subvol)$/.exec(file);
  if (match?.[2] === undefined) throw new ToolError(`unable to parse volume filename '${file}'`);
  return { isBase: match[1] !== undefined, format: match[2] };
}

function parseDataset(name: string): VolumeName {
  const match = /^(?:((?:base|basevol)-(?:\d+)-\S+)\/)?((base|basevol|vm|subvol)-(\d+)-\S+)$/.exec(name);
  if (match === null) throw new ToolError(`unable to parse zfs volume name '${name}'`);
  const [, base, file = '', kind = '', vmid = ''] = match;
  return {
    type: 'images',
    file,
    vmid: Number(vmid),
    base,
    isBase: kind.startsWith('base'),
    format: kind === 'subvol' || kind === 'basevol' ? 'subvol' : 'raw',
  };
}

function parseLogicalVolume(name: string): VolumeName {
  const match = /^(?:(base-\d+-\S+)\/)?((vm|base)-(\d+)-\S+)$/.exec(name);
  if (match === null) throw new ToolError(`unable to parse lvm volume name '${name}'`);
  const [, base, file = '', kind = '', vmid = ''] = match;
  return { type: 'images', file, vmid: Number(vmid), base, isBase: kind === 'base', format: 'raw' };
}
