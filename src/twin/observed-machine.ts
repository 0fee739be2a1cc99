import type { Block } from './observation-blocks.ts';
import type { World, WorldFile } from './world.ts';

/** Puts what a line tells of the machine and its files into the world; lines of guests are passed over. */
export function addMachineLine(world: World, { tag, fields, body }: Block): void {
  switch (tag) {
    case 'node':
      world.nodeName = fields;
      break;
    case 'proxmox':
      world.host.hasProxmox = fields === '1';
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
    case 'filetime': {
      const [seconds, ...path] = fields.split('\t');
      world.files[path.join('\t')] = { type: 'file', modifiedMs: Number(seconds) * 1000 };
      break;
    }
    case 'file':
      // When it was written has been told before.
      world.files[fields] = { ...timeOf(world.files[fields]), type: 'file', text: body };
      break;
    case 'task': {
      const [, , , , startedAt = '0', type = '', id = ''] = fields.split(':');
      world.tasks[fields] = { type, id, startedMs: Number.parseInt(startedAt, 16) * 1000 };
      break;
    }
    case 'open':
      addOpenEntry(world, fields);
      break;
    default:
      break;
  }
}

/** Paths that somebody asked about and that were not there. */
export function missingPaths(blocks: readonly Block[]): ReadonlySet<string> {
  return new Set(
    blocks.flatMap(({ tag, fields }) =>
      tag === 'path' && fields.startsWith('missing\t') ? [fields.split('\t').slice(3).join('\t')] : [],
    ),
  );
}

function timeOf(file: WorldFile | undefined): { readonly modifiedMs?: number } {
  return file?.modifiedMs === undefined ? {} : { modifiedMs: file.modifiedMs };
}

function addPath(world: World, fields: string): void {
  const [type = '', uid, gid, ...rest] = fields.split('\t');
  const path = rest.join('\t');
  if (type === 'missing' || world.files[path]?.text !== undefined) return;
  const size = type === 'regular file' ? { size: 1 } : {};
  world.files[path] = { type: TYPES.get(type) ?? 'other', ...size, uid: Number(uid), gid: Number(gid) };
}

/** What stands at a path, as `stat` names it. */
const TYPES: ReadonlyMap<string, WorldFile['type']> = new Map([
  ['directory', 'directory'],
  ['regular file', 'file'],
  ['regular empty file', 'file'],
  ['character special file', 'character'],
  ['block special file', 'block'],
]);

function addOpenEntry(world: World, line: string): void {
  const path = '/var/lib/phoenix/journal/current.ndjson';
  world.files[path] = { type: 'file', text: `${world.files[path]?.text ?? ''}${line}\n` };
}
