import type { Needs, Scope } from '../model/node.ts';
import type { Host } from './host.ts';
import { hostBlocks, hostTexts } from './observe-host.ts';
import { openEntriesIn } from './journal.ts';
import { canonicalPath } from './memory/files.ts';
import { isAgentUp } from './memory/agent.ts';
import { insideOf } from './memory/guests.ts';
import { RECORD_PATH, UNREADABLE_RECORD, UNSEEN } from './unseen.ts';
import type { World, WorldFile } from './world.ts';

/**
 * Prints what the probe of a real node would print of this world (`pve/observation.ts` documents the
 * format). `host` is the world's own; `open` are the journal's open lines, where somebody keeps count.
 * Costs the size of the scope.
 */
export async function observeWorld(
  world: World,
  host: Host,
  asked: { readonly scope: Scope; readonly needs: Needs; readonly open?: readonly string[] },
): Promise<string> {
  const { needs } = asked;
  const paths = await filesInScope(world, host, asked);
  const running = paths.flatMap((path) => runningGuest(world, path));
  const lines = [
    'phoenix-observation 1',
    `node\t${world.nodeName}`,
    `proxmox\t${world.host.hasProxmox ? 1 : 0}`,
    `memory\t${world.memoryMiB}`,
    ...(world.nvidiaVersion === undefined
      ? []
      : [`nvidia\t${NVIDIA_BEFORE}${world.nvidiaVersion}${NVIDIA_AFTER}`]),
    ...world.bridges.toSorted().map((bridge) => `bridge\t${bridge}`),
    ...(await gpuDevices(world, host)).map((path) => `gpu\t${path}`),
    ...needs.paths.filter(isAskable).map((path) => pathLine(path, world.files[canonicalPath(world, path)])),
    ...hostBlocks(world, needs.host),
    ...(await storageLines(world, host, needs.volumesOf)),
    ...paths.flatMap((path) => timeLine(path, world.files[path])),
    ...paths.flatMap((path) => [`file\t${path}`, ...body(world.files[path]?.text ?? '')]),
    ...running.map(({ kind, vmid }) => `running\t${kind}\t${vmid}`),
    ...running.flatMap((guest) => (guest.kind === 'vm' ? beganLine(world, guest.vmid) : [])),
    ...running.flatMap((guest) => (guest.kind === 'lxc' ? startedLines(world, guest.vmid) : [])),
    ...Object.keys(world.tasks).map((upid) => `task\t${upid}`),
    ...(asked.open ?? openEntriesIn(world)).map((line) => `open\t${line}`),
    ...running.flatMap((guest) => (guest.kind === 'lxc' ? recordLines(world, guest.vmid) : [])),
    ...recordsOf(asked).flatMap((vmid) => (isAgentUp(world, vmid) ? recordLines(world, vmid) : [])),
    'end',
  ];
  return `${lines.join('\n')}\n`;
}

/** The first line of /proc/driver/nvidia/version around the version. */
const NVIDIA_BEFORE = 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  ';
const NVIDIA_AFTER = '  twin';

async function filesInScope(
  world: World,
  host: Host,
  { scope, needs }: { readonly scope: Scope; readonly needs: Needs },
): Promise<string[]> {
  const { list } = host.files;
  const named = async (folder: string, ending: string): Promise<string[]> =>
    (await list(folder)).filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
  const nodes = await list('/etc/pve/nodes');
  const ids = scope === 'all' ? [] : scope.map(String).toSorted();
  const configs = async (kind: string): Promise<string[]> => {
    if (scope !== 'all')
      return ids.flatMap((id) => nodes.map((node) => `/etc/pve/nodes/${node}/${kind}/${id}.conf`));
    const folders = await Promise.all(nodes.map((node) => named(`/etc/pve/nodes/${node}/${kind}`, '.conf')));
    return folders.flat();
  };
  const own = async (folder: string, shared: string, ending: string): Promise<string[]> =>
    scope === 'all'
      ? named(folder, ending)
      : [`${folder}/${shared}${ending}`, ...ids.map((id) => `${folder}/${id}${ending}`)];
  const paths = [
    ...(await configs('lxc')),
    ...(await configs('qemu-server')),
    ...(await own('/etc/pve/firewall', 'cluster', '.fw')),
    ...(await own('/etc/pve/priv/phoenix', 'host', '.json')),
    ...new Set([...(needs.files ?? []), ...hostTexts(world, needs.host)]),
    ...snippetPaths(world, needs.snippetsOf ?? []),
    '/etc/pve/storage.cfg',
  ];
  return paths.filter((path) => world.files[path]?.type === 'file');
}

/** Where Cloud-Init documents of these guests may stand: wherever snippets may. */
function snippetPaths(world: World, vmids: readonly number[]): string[] {
  if (vmids.length === 0) return [];
  const storages = storagesIn(world.files['/etc/pve/storage.cfg']?.text ?? '');
  const folders = storages.flatMap(({ path, content }) =>
    content.includes('snippets') && isPlain(path) ? [`${path}/snippets`] : [],
  );
  return folders.flatMap((folder) =>
    vmids.flatMap((vmid) =>
      ['user', 'network', 'meta', 'vendor'].map((document) => `${folder}/phoenix-${vmid}-${document}.yaml`),
    ),
  );
}

function isPlain(path: string): boolean {
  return /^\/[A-Za-z0-9._+@:/-]+$/.test(path);
}

type Running = { readonly kind: 'lxc' | 'vm'; readonly vmid: number };

function runningGuest(world: World, path: string): Running[] {
  const match = /^\/etc\/pve\/nodes\/([^/]+)\/(lxc|qemu-server)\/(\d+)\.conf$/.exec(path);
  if (!match?.[3] || match[1] !== world.nodeName) return [];
  if (!world.guests[match[3]]?.running) return [];
  return [{ kind: match[2] === 'lxc' ? 'lxc' : 'vm', vmid: Number(match[3]) }];
}

async function gpuDevices(world: World, host: Host): Promise<string[]> {
  const found: string[] = [];
  for (const [folder, name] of GPU_FOLDERS) {
    for (const entry of await host.files.list(folder)) {
      const path = `${folder}/${entry}`;
      if (name.test(entry) && world.files[path]?.type === 'character') found.push(path);
    }
  }
  return found;
}

const GPU_FOLDERS: readonly (readonly [string, RegExp])[] = [
  ['/dev/dri', /./],
  ['/dev', /^nvidia/],
  ['/dev/nvidia-caps', /./],
];

function isAskable(path: string): boolean {
  return !/\p{Cc}/u.test(path);
}

function pathLine(path: string, file: WorldFile | undefined): string {
  if (!file) return `path\tmissing\t-\t-\t${path}`;
  const isEmpty = file.type === 'file' && (file.text ?? '') === '' && !file.size;
  const type = isEmpty ? 'regular empty file' : TYPES[file.type];
  return `path\t${type}\t${file.uid ?? 0}\t${file.gid ?? 0}\t${path}`;
}

/** When a file outside /etc/pve was last written. */
function timeLine(path: string, file: WorldFile | undefined): string[] {
  const seconds = Math.floor((file?.modifiedMs ?? 0) / 1000);
  return path.startsWith('/etc/pve/') ? [] : [`filetime\t${seconds}\t${path}`];
}

/** How `stat` names what can stand at a path. */
const TYPES: Record<WorldFile['type'], string> = {
  directory: 'directory',
  file: 'regular file',
  character: 'character special file',
  block: 'block special file',
  other: 'other',
};

/** What guests are made from, by the content that allows it and the folder that keeps it. */
const KEPT = [
  ['vztmpl', 'template/cache'],
  ['import', 'import'],
] as const;

/** Templates, images, and the volumes of storages that somebody asks about, storage by storage. */
async function storageLines(world: World, host: Host, asked: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { id, path, content } of storagesIn(world.files['/etc/pve/storage.cfg']?.text ?? '')) {
    for (const [kind, folder] of KEPT) {
      const names = content.includes(kind) && path ? await host.files.list(`${path}/${folder}`) : [];
      for (const name of names) {
        const isFile = world.files[`${path}/${folder}/${name}`]?.type === 'file';
        if (isFile && /^[A-Za-z0-9_+@:-][A-Za-z0-9._+@:-]*$/.test(name)) {
          lines.push(`template\t${id}:${kind}/${name}`);
        }
      }
    }
    if (!asked.includes(id)) continue;
    const volumes = Object.values(world.volumes[id] ?? {}).flatMap((folder) => Object.keys(folder));
    lines.push(...volumes.toSorted().map((name) => `volume\t${id}:${name}`));
  }
  return lines;
}

function storagesIn(text: string): { id: string; path: string; content: readonly string[] }[] {
  const storages: { id: string; path: string; content: readonly string[] }[] = [];
  for (const line of text.split('\n')) {
    const header = /^(\w+):\s*(\S+)/.exec(line);
    const last = storages.at(-1);
    const option = /^\s+(path|content)\s+(.*?)\s*$/.exec(line);
    const isMounted = header?.[1] === 'nfs' || header?.[1] === 'cifs';
    if (header?.[2])
      storages.push({ id: header[2], path: isMounted ? `/mnt/pve/${header[2]}` : '', content: [] });
    else if (last && option?.[1] === 'path') last.path = option[2] ?? '';
    else if (last && option?.[1] === 'content') last.content = (option[2] ?? '').split(',');
  }
  return storages;
}

/** VMs whose records are asked for. */
function recordsOf({ scope, needs }: { readonly scope: Scope; readonly needs: Needs }): readonly number[] {
  const asked = needs.recordsOf ?? [];
  return scope === 'all' ? asked : asked.filter((vmid) => scope.includes(vmid));
}

function beganLine(world: World, vmid: number): string[] {
  const startedMs = world.guests[vmid]?.running?.startedMs ?? 0;
  return [`began\t${vmid}\t${Math.floor(startedMs / 1000)}`];
}

function startedLines(world: World, vmid: number): string[] {
  const launch = world.guests[vmid]?.running?.launch;
  if (!launch) return [];
  return [`started\t${vmid}`, ...launch.raw.map(([key, value]) => `=\t${key} = ${value}`)];
}

function recordLines(world: World, vmid: number): string[] {
  const { files, facts } = insideOf(world, vmid);
  const text = files[RECORD_PATH];
  if (text !== undefined) return [`record\t${vmid}\tread`, ...body(text)];
  if (facts.includes(UNREADABLE_RECORD)) return [`record\t${vmid}\tunknown`];
  return facts.includes(UNSEEN) ? [] : [`record\t${vmid}\tnone`];
}

/** A text's lines behind their tag, as the format holds them, in one piece: an empty text has none. */
function body(text: string): string[] {
  return text === '' ? [] : [`=\t${text.replaceAll('\n', '\n=\t')}`];
}
