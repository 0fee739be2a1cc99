import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Node } from '../../model/node.ts';
import { judge } from '../../pve/messages.ts';
import { judgeWait } from '../../pve/qemu/judge-wait.ts';
import { parseObservation } from '../../pve/observation.ts';
import { renderArgv, renderStdin } from '../../pve/render.ts';
import {
  freshWorld,
  twinNode,
  worldFromObservation,
  type TwinNode,
  type TwinNodeOptions,
  type World,
} from '../../twin/index.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { optimizeLater } from './optimize-later.ts';
import { stop } from '../stop.ts';
import { readFaults } from './twin-fault.ts';
import { keepWorld } from './twin-file.ts';
import { lockTwinFile } from './twin-lock.ts';

/** What a twin must be told of Proxmox, since it shares no code with what it checks. */
const DIALECT: TwinNodeOptions['dialect'] = { parseObservation, renderArgv, renderStdin, judge, judgeWait };

/**
 * A Proxmox node in memory: as `file` left it, else as the folder's `world.json` describes it, else
 * the node of the recordings. With a file, its state is kept there after every operation.
 */
export async function openTwin(context: Context, file: string | undefined): Promise<TwinNode> {
  optimizeLater();
  const faults = readFaults(context.options.list('twin-fault'));
  const open = (world: World): TwinNode =>
    twinNode({ world, dialect: DIALECT, ...(faults === undefined ? {} : { faults }) });
  if (file === undefined) return open(await firstWorld(context));
  const path = resolve(context.io.cwd, file);
  const unlock = await lockTwinFile(context, path);
  try {
    const world = (await readWorld(path)) ?? (await firstWorld(context));
    return keepWorld({ node: open(world), world, path, unlock });
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function firstWorld(context: Context): Promise<World> {
  return (await readWorld(join(folderOf(context), 'world.json'))) ?? freshWorld();
}

/** A twin that knows what an observation's text tells, and nothing else. */
export async function twinOfObservation(text: string, clock: number): Promise<Node> {
  optimizeLater();
  return twinNode({ world: await worldFromObservation(text, { clock, seed: 1 }), dialect: DIALECT });
}

function folderOf({ io, options }: Context): string {
  return resolve(io.cwd, options.text('config') ?? (io.env['PHOENIX_CONFIG'] || '.'));
}

async function readWorld(path: string): Promise<World | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
  try {
    const world: unknown = JSON.parse(text);
    if (isWorld(world)) return { ...freshWorld(), ...world };
  } catch (error) {
    throw unusable(path, error);
  }
  throw unusable(path, 'It does not describe a node.');
}

function isWorld(value: unknown): value is World {
  return typeof value === 'object' && value !== null && 'files' in value && typeof value.files === 'object';
}

function unusable(path: string, cause: unknown): Error {
  return stop(EXIT.config, {
    code: 'cli/unusable-twin',
    summary: 'The file of the twin cannot be used',
    detail: `${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    remedy: 'Correct it, or remove it to begin with a fresh node.',
  });
}
