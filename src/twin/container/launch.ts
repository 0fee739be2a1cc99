import type { GuestId } from '../../model/target.ts';
import { FORMATS } from '../call/parameters.ts';
import { parseFields } from '../call/schema.ts';
import { byCode } from '../call/lists.ts';
import type { Device, Fields, Launch, Mount, Nic } from '../host.ts';
import { locate, refOfVolume } from '../storage/volumes.ts';
import type { StorageConfig } from '../storage/config.ts';
import type { Section } from './config.ts';
import { mountsOf, type GuestVolume } from './volumes.ts';

/** Everything that a container would be started with now. */
export function launchOf(vmid: GuestId, section: Section, storages: StorageConfig): Launch {
  const { keys } = section;
  const number = (key: string): number | undefined => (keys.has(key) ? Number(keys.get(key)) : undefined);
  const [cores, cpulimit, cpuunits] = [number('cores'), number('cpulimit'), number('cpuunits')];
  const [nameserver, searchdomain, timezone] = [
    keys.get('nameserver'),
    keys.get('searchdomain'),
    keys.get('timezone'),
  ];
  return {
    vmid,
    hostname: keys.get('hostname') ?? `CT${vmid}`,
    unprivileged: keys.get('unprivileged') === '1' || section.raw.some(([key]) => key === 'lxc.idmap'),
    arch: keys.get('arch') ?? 'amd64',
    ostype: keys.get('ostype') ?? '',
    memoryMiB: number('memory') || 512,
    swapMiB: number('swap') ?? 0,
    ...(cores !== undefined && { cores }),
    ...(cpulimit !== undefined && { cpulimit }),
    ...(cpuunits !== undefined && { cpuunits }),
    tty: number('tty') ?? 2,
    features: fieldsOf('features', keys.get('features') ?? ''),
    ...(nameserver !== undefined && { nameserver }),
    ...(searchdomain !== undefined && { searchdomain }),
    ...(timezone !== undefined && { timezone }),
    mounts: mountsOf(section).map((mount) => mountOf(mount, storages)),
    nics: series(section, 'net').map(([index, text]) => nicOf(vmid, index, text)),
    devices: series(section, 'dev').map(([index, text]) => deviceOf(index, text)),
    raw: section.raw,
  };
}

/** One mount point as the host mounts it. */
export function mountOf(mount: GuestVolume, storages: StorageConfig): Mount {
  const source = (): Mount['source'] => {
    if (mount.kind !== 'volume') return { kind: mount.kind, path: mount.volume };
    const located = locate(storages, mount.volume);
    return { kind: 'volume', volume: refOfVolume(located), format: located.parsed.format };
  };
  return {
    key: mount.key,
    path: mount.path,
    source: source(),
    readOnly: mount.fields.get('ro') === '1',
    fields: Object.fromEntries(mount.fields),
  };
}

/** One network interface as the host makes it. */
export function nicOf(vmid: GuestId, index: number, text: string): Nic {
  return { index, hostName: `veth${vmid}i${index}`, fields: fieldsOf('net', text) };
}

/** One device as the host hands it in. */
export function deviceOf(index: number, text: string): Device {
  const fields = fieldsOf('dev', text);
  return { index, path: fields['path'] ?? '', fields };
}

function fieldsOf(format: 'net' | 'dev' | 'features', text: string): Fields {
  return Object.fromEntries(parseFields(FORMATS[format] ?? {}, text));
}

function series(section: Section, prefix: 'net' | 'dev'): [number, string][] {
  return [...section.keys]
    .filter(([key]) => key.startsWith(prefix) && /^\d+$/.test(key.slice(prefix.length)))
    .toSorted(([a], [b]) => byCode(a, b))
    .map(([key, text]) => [Number(key.slice(prefix.length)), text]);
}
