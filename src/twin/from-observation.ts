import type { GuestConfig } from '../model/observation.ts';
import type { GuestId, GuestKind } from '../model/target.ts';
import { parseGuestConfig } from '../pve/guest-config.ts';
import { openSession } from './call/session.ts';
import { launchOf } from './container/launch.ts';
import { bareHost } from './host-state.ts';
import type { Host, Launch } from './host.ts';
import { createMemoryHost } from './memory-host.ts';
import { lookUp } from './memory/volumes.ts';
import { readBlocks, type Block } from './observation-blocks.ts';
import { addHostBlock } from './observed-host.ts';
import { insideFrom } from './observed-inside.ts';
import { addMachineLine, missingPaths } from './observed-machine.ts';
import { addVm } from './observed-vm.ts';
import { addVolume, volumesNamedIn } from './observed-volumes.ts';
import { loadStorages, type StorageConfig } from './storage/config.ts';
import type { VolumeContent, World } from './world.ts';

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
  for (const block of blocks) {
    if (block.tag === 'host') addHostBlock(world, block);
    else addMachineLine(world, block);
  }
  // What was seen is past, whatever the clock here says: what is written or started now is newer.
  const seen = [
    ...Object.values(world.files).map(({ modifiedMs = 0 }) => modifiedMs),
    ...blocks.flatMap(beganOf).map(([, startedMs]) => startedMs),
  ];
  world.clock = seen.reduce((latest, at) => Math.max(latest, at + 1000), world.clock);
  for (const folder of ['lxc', 'qemu-server']) addFolder(world, `/etc/pve/nodes/${world.nodeName}/${folder}`);
  const host = createMemoryHost(world);
  const storages = await loadStorages(openSession(host, undefined, () => {}));
  for (const { options } of storages.values()) {
    const path = options.get('path');
    if (path !== undefined) addFolder(world, path);
  }
  for (const { tag, fields } of blocks) {
    if (tag === 'template') addTemplate(world, fields, storages);
    if (tag === 'volume') await addVolume(world, host, storages, { volume: fields, sizeBytes: 0 });
  }
  const guests = blocks.flatMap(seenGuest);
  for (const { config } of guests) await addNamedVolumes(world, host, storages, config);
  const own = guests.filter(({ node }) => node === world.nodeName);
  assumeSources(world, own, missingPaths(blocks));
  addGuests(world, own, { blocks, storages });
  return world;
}

type Seen = {
  readonly node: string;
  readonly kind: GuestKind;
  readonly vmid: GuestId;
  readonly config: GuestConfig;
};

function emptyWorld({ clock, seed }: { readonly clock: number; readonly seed: number }): World {
  return {
    nodeName: '',
    clock,
    seed,
    // More than any guest can ask for: how many there are is not observed.
    cpuCount: 8192,
    memoryMiB: 0,
    bridges: [],
    files: {},
    volumes: {},
    capacities: {},
    guests: {},
    templates: {},
    appliances: [],
    tasks: {},
    host: bareHost(),
  };
}

function addFolder(world: World, path: string): void {
  world.files[path] ??= { type: 'directory' };
}

function addTemplate(world: World, volume: string, storages: StorageConfig): void {
  const [, id = '', kind, name = ''] = /^([^:]*):(vztmpl|import)\/(.*)$/.exec(volume) ?? [];
  const path = storages.get(id)?.options.get('path') ?? `/mnt/pve/${id}`;
  const folder = kind === 'import' ? 'import' : 'template/cache';
  world.files[`${path}/${folder}/${name}`] = { type: 'file', size: 1 };
}

function seenGuest({ tag, fields, body }: Block): Seen[] {
  if (tag !== 'file') return [];
  const match = /^\/etc\/pve\/nodes\/([^/]+)\/(lxc|qemu-server)\/(\d+)\.conf$/.exec(fields);
  if (!match?.[1]) return [];
  const kind = match[2] === 'lxc' ? 'lxc' : 'vm';
  return [{ node: match[1], kind, vmid: Number(match[3]), config: parseGuestConfig(body, kind) }];
}

async function addNamedVolumes(
  world: World,
  host: Host,
  storages: StorageConfig,
  { head, pending, snapshots }: GuestConfig,
): Promise<void> {
  const names = [...snapshots.keys()];
  for (const { keys } of [...snapshots.values(), ...(pending ? [pending] : []), head]) {
    for (const named of volumesNamedIn(keys)) {
      await addVolume(world, host, storages, { ...named, snapshots: names });
    }
  }
}

/** What containers mount or have handed in is there, unless somebody looked and it was not. */
function assumeSources(world: World, guests: readonly Seen[], missing: ReadonlySet<string>): void {
  for (const { config } of guests) {
    for (const [key, value] of [...config.head.keys, ...(config.pending?.keys ?? [])]) {
      const path = /^(?:volume=|path=)?(\/[^,]*)/.exec(value)?.[1];
      if (path === undefined || missing.has(path)) continue;
      if (/^mp\d+$/.test(key)) world.files[path] ??= { type: 'directory' };
      if (/^dev\d+$/.test(key)) world.files[path] ??= { type: 'character' };
    }
  }
}

function addGuests(
  world: World,
  guests: readonly Seen[],
  { blocks, storages }: { readonly blocks: readonly Block[]; readonly storages: StorageConfig },
): void {
  const running = new Set(blocks.flatMap(({ tag, fields }) => (tag === 'running' ? [fields] : [])));
  const started = new Map(
    blocks.flatMap(({ tag, fields, body }) => (tag === 'started' ? [[fields, body] as const] : [])),
  );
  const began = new Map(blocks.flatMap(beganOf));
  const records = new Map(blocks.flatMap(recordOf));
  for (const { kind, vmid, config } of guests) {
    const isRunning = running.has(`${kind}\t${vmid}`);
    const lines = started.get(String(vmid));
    const content = insideFrom(isRunning ? records.get(String(vmid)) : undefined);
    if (kind === 'vm') {
      const startedMs = began.get(String(vmid));
      addVm(world, { vmid, head: config.head, isRunning, startedMs, content }, storages);
      continue;
    }
    const launch = launchFrom(vmid, config, lines, storages);
    const isPlaced = launch !== null && placeContent(world, launch, content);
    // Without what it was started with, a running guest is not tied to its volumes.
    const isTied = isPlaced && !(isRunning && lines === undefined);
    const state = { pid: vmid, startedMs: world.clock, launch: isTied ? launch : null };
    world.guests[vmid] = { ...(isRunning && { running: state }), ...(!isTied && { content }) };
  }
}

function beganOf({ tag, fields }: Block): [string, number][] {
  const [vmid = '', seconds = ''] = fields.split('\t');
  return tag === 'began' && seconds !== '' ? [[vmid, Number(seconds) * 1000]] : [];
}

function recordOf({
  tag,
  fields,
  body,
}: Block): [string, { readonly state: string; readonly body: string }][] {
  const [vmid = '', state = ''] = fields.split('\t');
  return tag === 'record' ? [[vmid, { state, body }]] : [];
}

function launchFrom(
  vmid: GuestId,
  { head }: GuestConfig,
  started: string | undefined,
  storages: StorageConfig,
): Launch | null {
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
  const volume = source?.kind === 'volume' ? lookUp(world, source.volume) : undefined;
  if (!volume) return false;
  volume.content = content;
  // What it was like then nobody knows; that it was like now is the likeliest.
  for (const snapshot of Object.keys(volume.snapshots)) volume.snapshots[snapshot] = structuredClone(content);
  return true;
}
