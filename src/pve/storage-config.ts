import type { ObservedStorage } from '../model/observation.ts';

/**
 * Reads `storage.cfg`: `type: id`, then indented `key value` lines. A Proxmox node has a storage
 * `local` even where the file is silent (PVE::Storage::Plugin::parse_config); `hasLocal` adds it.
 */
export function parseStorages(text: string, hasLocal: boolean): ReadonlyMap<string, ObservedStorage> {
  const storages = new Map<string, ObservedStorage>();
  let options = new Map<string, string>();
  let header: { type: string; id: string } | undefined;
  const take = (): void => {
    if (header) storages.set(header.id, toStorage(header.id, header.type, options));
    options = new Map();
  };
  for (const line of text.split('\n')) {
    const start = /^(\w+):\s*(\S+)\s*$/.exec(line);
    const option = /^\s+(\S+)(?:\s+(.*?))?\s*$/.exec(line);
    if (start?.[1] && start[2]) {
      take();
      header = { type: start[1], id: start[2] };
    } else if (option?.[1]) options.set(option[1], option[2] ?? '1');
  }
  take();
  if (hasLocal && !storages.has('local')) {
    const content = 'images,rootdir,vztmpl,iso,backup,snippets';
    storages.set(
      'local',
      toStorage(
        'local',
        'dir',
        new Map([
          ['path', '/var/lib/vz'],
          ['content', content],
        ]),
      ),
    );
  }
  return storages;
}

function toStorage(id: string, type: string, options: ReadonlyMap<string, string>): ObservedStorage {
  const mount = type === 'nfs' || type === 'cifs' ? `/mnt/pve/${id}` : undefined;
  const path = options.get('path') ?? mount;
  const content = options.get('content') ?? DEFAULT_CONTENT.get(type) ?? 'images';
  return { id, type, ...(path !== undefined && { path }), content: content.split(','), options };
}

/** What a storage takes where `content` is absent (`plugindata` of PVE::Storage's plugins). */
const DEFAULT_CONTENT: ReadonlyMap<string, string> = new Map([
  ['dir', 'images,rootdir'],
  ['btrfs', 'images,rootdir'],
  ['zfspool', 'images,rootdir'],
  ['lvmthin', 'images,rootdir'],
]);
