import type { World } from '../world.ts';
import { loadInterfaces } from './loaded-interfaces.ts';
import { refuses, type HostTool } from './tool.ts';

/**
 * `ifup -a -s -i FILE`, ifupdown2's check of a file's syntax. As the real one it does not look whether
 * what an interface rests on is there.
 */
export const ifup: HostTool = async ({ host }, { words }) => {
  const path = words[words.indexOf('-i') + 1] ?? '/etc/network/interfaces';
  const text = await host.files.read(path);
  if (text === undefined) return refuses(`error: ${path}: No such file or directory`);
  return loadInterfaces(text) ? {} : refuses(`error: ${path}: unsupported address method`);
};

/** `ifreload -a`: a bridge whose port is missing comes up without it, and makes it fail (3.0.0-1.1). */
export function reloadInterfaces(world: World): number {
  if (!world.network) return 0;
  const text = world.files['/etc/network/interfaces']?.text ?? '';
  const found = loadInterfaces(text);
  if (!found) return 1;
  world.network.loaded = text;
  const there = new Set([...world.network.links, ...found.keys()]);
  return [...found.values()].some(({ below }) => below.some((name) => !there.has(name))) ? 1 : 0;
}
