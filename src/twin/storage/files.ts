import type { Session } from '../call/session.ts';
import { pluginOf, type Storage } from './config.ts';
import { folderOf } from './names.ts';

/** Something that a storage holds, as a row of `pvesm list`. */
export type StoredFile = {
  readonly volume: string;
  readonly format: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly vmid?: number;
};

const PATTERNS: Readonly<Record<string, RegExp>> = {
  iso: /\.(?:iso|img)$/i,
  vztmpl: /\.tar\.(gz|xz|zst|bz2)$/,
  backup: /\.(tgz|(?:tar|vma)(?:\.(?:gz|lzo|zst|bz2))?)$/,
  snippets: /./,
  import: /\.(ova|ovf|qcow2|raw|vmdk)$/i,
};

/** Files of one kind on a storage; of one guest only backups and snippets can be. */
export async function listFiles(
  session: Session,
  storage: Storage,
  type: string,
  vmid?: number,
): Promise<StoredFile[]> {
  const isOfNoGuest = type === 'iso' || type === 'vztmpl';
  const pattern = PATTERNS[type];
  if (pluginOf(storage).naming !== 'files' || pattern === undefined || (isOfNoGuest && vmid !== undefined))
    return [];
  const folder = folderOf(storage, type);
  const found: StoredFile[] = [];
  for (const name of await session.host.files.list(folder)) {
    const ending = pattern.exec(name);
    const stat = await session.host.files.stat(`${folder}/${name}`);
    if (ending === null || stat?.type !== 'file') continue;
    const owner = type === 'backup' ? /-([1-9]\d{2,8})-/.exec(name)?.[1] : undefined;
    if (type === 'backup' && vmid !== undefined && Number(owner) !== vmid) continue;
    found.push({
      volume: `${storage.id}:${type}/${name}`,
      format: formatOf(type, ending[1] ?? ''),
      type,
      sizeBytes: stat.size,
      ...(owner !== undefined && { vmid: Number(owner) }),
    });
  }
  return found;
}

function formatOf(type: string, ending: string): string {
  if (type === 'iso') return 'iso';
  if (type === 'vztmpl') return `t${ending}`;
  return type === 'snippets' ? 'snippet' : ending;
}
