import type { GuestKind } from '../model/target.ts';
import { parseGuestConfig } from '../pve/guest-config.ts';
import { launchOf } from './container/launch.ts';
import type { Host, Launch } from './host.ts';
import { lookUp } from './memory/volumes.ts';
import { readBlocks, type Block } from './observation-blocks.ts';
import { insideFrom } from './observed-inside.ts';
import { addVolume, volumesNamedIn } from './observed-volumes.ts';
import { loadStorages, type StorageConfig } from './storage/config.ts';
import { openSession } from './call/session.ts';
import { createMemoryHost } from './memory-host.ts';
import type { VolumeContent, World, WorldFile } from './world.ts';

/**
 * The world that an observation's text tells of, for a twin to plan on: its files, volumes and run
 * states. A running container's facts come from its record; the inside of a stopped guest is unseen.
 * Observing the result prints the same text. The clock starts at `clock` (epoch ms) with the given seed.
 */
export async function worldFromObservation(
  text: string,
  start: { readonly clock: number; readonly seed: number } = { clock: Date.UTC(2026, 0, 1), seed: 1 },
): Promise<World> {
  const blocks = readBlocks(text);
  const world = emptyWorld(start);
  for (const block of blocks) readLine(world, block);
  for (const folder of ['lxc', 'qemu-server']) addFolder(world, `/etc/pve/nodes/${world.nodeName}/${folder}`);
  const host = createMemoryHost(world);
  const storages = await loadStorages(openSession(host, undefined, () => {}));
  for (const storage of storages.values()) {
    const path = storage.options.get('path');
    if (path !== undefined) addFolder(world, path);
  }
  for (const { tag, fields, body } of blocks) {
    if (tag === 'template') addTemplate(world, fields, storages);
    if (tag === 'volume') await addVolume(world, host, storages, { volume: fields, sizeBytes: 0 });
    if (tag === 'file') await addConfiguredVolumes(world, host, storages, { path: fields, text: body });
  }
  assumeSources(world, blocks);
  addGuests(world, blocks, storages);
  return world;
}

function emptyWorld({ clock, seed }: { readonly clock: number; readonly seed: number }): World {
  return {
    nodeName: '',
    clock,
    seed,
    cpuCount: 128,
    memoryMiB: 0,
    bridges: [],
    files: {},
    volumes: {},
    capacities: {},
    guests: {},
    templates: {},
    appliances: [],
    tasks: {},
  };
}

function readLine(world: World, { tag, fields, body }: Block): void {
  switch (tag) {
    case 'node':
      world.nodeName = fields;
      break;
    case 'memory':
      world.memoryMiB = Number(fields);
      break;
    case 'nvidia': {
      const version = /\s(\d{3,}(?:\.\d+){1,2})\s/.exec(fields)?.[1];
      if (version !== undefined) world.nvidiaVersion = version;
      break;
    }
    case 'bridge':
      world.bridges.push(fields);
      break;
    case 'gpu':
      world.files[fields] ??= { type: 'character' };
      break;
    case 'path':
      addPath(world, fields);
      break;
    case 'file':
      world.files[fields] = { type: 'file', text: body };
      break;
    case 'task': {
      const [, , , , startedAt = '0', type = '', id = ''] = fields.split(':');
      world.tasks[fields] = { type, id, startedMs: Number.parseInt(startedAt, 16) * 1000 };
      break;
    }
    case 'open': {
      const path = '/var/lib/phoenix/journal/current.ndjson';
      world.files[path] = { type: 'file', text: `${world.files[path]?.text ?? ''}${fields}\n` };
      break;
    }
    default:
      break;
  }
}

function addFolder(world: World, path: string): void {
  world.files[path] ??= { type: 'directory' };
}

function addPath(world: World, fields: string): void {
  const [type = '', uid, gid, ...rest] = fields.split('\t');
  const path = rest.join('\t');
  if (type === 'missing' || world.files[path]?.text !== undefined) return;
  const size = type === 'regular file' ? { size: 1 } : {};
  world.files[path] = { type: TYPES.get(type) ?? 'other', ...size, uid: Number(uid), gid: Number(gid) };
}

const TYPES: ReadonlyMap<string, WorldFile['type']> = new Map([
  ['directory', 'directory'],
  ['regular file', 'file'],
  ['regular empty file', 'file'],
  ['character special file', 'character'],
  ['block special file', 'block'],
]);

function addTemplate(world: World, volume: string, storages: StorageConfig): void {
  const [id = '', name = ''] = volume.split(':vztmpl/');
  const path = storages.get(id)?.options.get('path') ?? `/mnt/pve/${id}`;
  world.files[`${path}/template/cache/${name}`] = { type: 'file', size: 1 };
}

const CONFIG = /^\/etc\/pve\/nodes\/([^/]+)\/(lxc|qemu-server)\/(\d+)\.conf$/;

async function addConfiguredVolumes(
  world: World,
  host: Host,
  storages: StorageConfig,
  { path, text }: { readonly path: string; readonly text: string },
): Promise<void> {
  const match = CONFIG.exec(path);
  if (!match) return;
  const config = parseGuestConfig(text, match[2] === 'lxc' ? 'lxc' : 'vm');
  const snapshots = [...config.snapshots.keys()];
  for (const section of [...config.snapshots.values(), config.head]) {
    for (const named of volumesNamedIn(section.keys)) {
      await addVolume(world, host, storages, { ...named, snapshots });
    }
  }
}

/** What the configs of this node's containers mount or hand in is there, unless somebody looked and it was not. */
function assumeSources(world: World, blocks: readonly Block[]): void {
  const missing = new Set(
    blocks.flatMap(({ tag, fields }) =>
      tag === 'path' && fields.startsWith('missing\t') ? [fields.split('\t').slice(3).join('\t')] : [],
    ),
  );
  for (const { tag, fields, body } of blocks) {
    const match = tag === 'file' ? CONFIG.exec(fields) : null;
    if (match?.[2] !== 'lxc' || match[1] !== world.nodeName) continue;
    for (const [key, value] of parseGuestConfig(body, 'lxc').head.keys) {
      const path = /^(?:volume=|path=)?(\/[^,]*)/.exec(value)?.[1];
      if (path === undefined || missing.has(path)) continue;
      if (/^mp\d+$/.test(key)) world.files[path] ??= { type: 'directory' };
      if (/^dev\d+$/.test(key)) world.files[path] ??= { type: 'character' };
    }
  }
}

function addGuests(world: World, blocks: readonly Block[], storages: StorageConfig): void {
  const running = new Set(blocks.filter(({ tag }) => tag === 'running').map(({ fields }) => fields));
  const started = bodiesOf(blocks, 'started');
  const records = new Map(
    blocks
      .filter(({ tag }) => tag === 'record')
      .map(({ fields, body }) => {
        const [vmid = '', state = ''] = fields.split('\t');
        return [vmid, { state, body }];
      }),
  );
  for (const { tag, fields, body } of blocks) {
    const match = tag === 'file' ? CONFIG.exec(fields) : null;
    if (!match?.[3] || match[1] !== world.nodeName) continue;
    const [vmid, kind]: [string, GuestKind] = [match[3], match[2] === 'lxc' ? 'lxc' : 'vm'];
    const isRunning = running.has(`${kind}\t${vmid}`);
    const content = insideFrom(isRunning ? records.get(vmid) : undefined);
    const lines = started.get(vmid);
    const launch = kind === 'lxc' ? launchFrom(Number(vmid), body, lines, storages) : null;
    const isPlaced = launch !== null && placeContent(world, launch, content);
    const isTied = isPlaced && !(isRunning && lines === undefined);
    const state = { pid: Number(vmid), startedMs: world.clock, launch: isTied ? launch : null };
    world.guests[vmid] = {
      ...(isRunning && { running: state }),
      // Without what it was started with, a running guest is not tied to its volumes.
      ...(!isTied && { content }),
    };
  }
}

function bodiesOf(blocks: readonly Block[], wanted: string): Map<string, string> {
  return new Map(blocks.filter(({ tag }) => tag === wanted).map(({ fields, body }) => [fields, body]));
}

function launchFrom(
  vmid: number,
  text: string,
  started: string | undefined,
  storages: StorageConfig,
): Launch | null {
  const { head } = parseGuestConfig(text, 'lxc');
  const raw = started === undefined ? head.raw : started.split('\n').flatMap(startedLine);
  try {
    return launchOf(vmid, { keys: new Map(head.keys), raw: [...raw] }, storages);
  } catch {
    // A config that Proxmox itself could not start from; the guest is known by its files alone.
    return null;
  }
}

function startedLine(line: string): [string, string][] {
  const match = /^(lxc\.\S+?)\s*=\s*(.*?)\s*$/.exec(line);
  return match?.[1] !== undefined && match[2] !== undefined ? [[match[1], match[2]]] : [];
}

/** Puts what is inside a container onto its root volume; false where the twin has no such volume. */
function placeContent(world: World, launch: Launch, content: VolumeContent): boolean {
  const source = launch.mounts.find((mount) => mount.path === '/')?.source;
  if (source?.kind !== 'volume') return false;
  const volume = lookUp(world, source.volume);
  if (!volume) return false;
  volume.content = content;
  // What it was like then nobody knows; that it was like now is the likeliest.
  for (const snapshot of Object.keys(volume.snapshots)) volume.snapshots[snapshot] = structuredClone(content);
  return true;
}
