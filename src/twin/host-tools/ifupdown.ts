import type { World } from '../world.ts';
import { loadInterfaces } from './loaded-interfaces.ts';

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
