import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import { DEFAULTS, keptValue, NOT_INHERITED } from './zfs-values.ts';
import { refuses, type HostTool } from './tool.ts';

/** `zfs create [-p] [-o K=V]… NAME`, `zfs set K=V… NAME`, `zfs destroy NAME` */
export const zfs: HostTool = async (machine, { words }) => {
  const [command, ...rest] = words;
  const name = rest.at(-1) ?? '';
  const pairs = rest.slice(0, -1).filter((word) => word.includes('='));
  if (command === 'create') return create(machine, { name, pairs, hasParents: rest.includes('-p') });
  const there = machine.world.host.datasets[name];
  if (there === undefined) return refuses(`cannot open '${name}': dataset does not exist`);
  if (command === 'set') return set(machine, name, pairs);
  if (command === 'destroy') {
    const below = Object.keys(machine.world.host.datasets).filter((one) => one.startsWith(`${name}/`));
    if (below.length > 0) return refuses(`cannot destroy '${name}': filesystem has children`);
    delete machine.world.host.datasets[name];
    return {};
  }
  return refuses(`unrecognized command '${command}'`, 2);
};

type Machine = { readonly world: World; readonly host: Host };

async function create(
  machine: Machine,
  asked: { readonly name: string; readonly pairs: readonly string[]; readonly hasParents: boolean },
) {
  const { name, pairs, hasParents } = asked;
  const { datasets } = machine.world.host;
  if (datasets[name]) return hasParents ? {} : refuses(`cannot create '${name}': dataset already exists`);
  const parts = name.split('/');
  for (let depth = 1; depth < parts.length; depth += 1) {
    const parent = parts.slice(0, depth).join('/');
    if (datasets[parent]) continue;
    if (depth === 1) return refuses(`cannot create '${name}': no such pool '${parts[0]}'`);
    if (!hasParents) return refuses(`cannot create '${name}': parent does not exist`);
    await addDataset(machine, parent);
  }
  const refusal = badPair(pairs);
  if (refusal !== undefined) return refuses(`cannot create '${name}': ${refusal}`);
  await addDataset(machine, name);
  return set(machine, name, pairs);
}

/** Puts a dataset with inherited properties into the world, mounted where ZFS mounts it. */
export async function addDataset({ world, host }: Machine, name: string): Promise<void> {
  const { datasets } = world.host;
  const parent = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : undefined;
  const above = parent === undefined ? {} : (datasets[parent] ?? {});
  const properties: Record<string, { value: string; source: string }> = {};
  for (const [property, value] of Object.entries(DEFAULTS)) {
    const inherited = NOT_INHERITED.has(property) ? undefined : above[property];
    const isDefault = inherited === undefined || inherited.source === 'default';
    const from =
      inherited?.source === 'local' ? `inherited from ${parent}` : (inherited?.source ?? 'default');
    properties[property] = isDefault
      ? { value, source: 'default' }
      : { value: inherited.value, source: from };
  }
  const base = above['mountpoint']?.value ?? '';
  const last = name.slice(name.lastIndexOf('/') + 1);
  const place = base.startsWith('/') ? `${base === '/' ? '' : base}/${last}` : `/${name}`;
  properties['mountpoint'] = { value: place, source: 'default' };
  datasets[name] = properties;
  await host.files.makeDirectory(place);
}

async function set({ world, host }: Machine, name: string, pairs: readonly string[]) {
  const refusal = badPair(pairs);
  if (refusal !== undefined) return refuses(`cannot set property for '${name}': ${refusal}`);
  for (const pair of pairs) {
    const property = pair.slice(0, pair.indexOf('='));
    const value = keptValue(property, pair.slice(pair.indexOf('=') + 1)) ?? '';
    for (const [other, properties] of Object.entries(world.host.datasets)) {
      const found = properties[property];
      if (other === name) properties[property] = { value, source: 'local' };
      else if (other.startsWith(`${name}/`) && found?.source !== 'local' && !NOT_INHERITED.has(property)) {
        const isPlace = property === 'mountpoint';
        const below = isPlace ? `${value}${other.slice(name.length)}` : value;
        properties[property] = { value: below, source: `inherited from ${name}` };
      }
    }
    if (property === 'mountpoint' && value.startsWith('/')) await host.files.makeDirectory(value);
  }
  return {};
}

function badPair(pairs: readonly string[]): string | undefined {
  for (const pair of pairs) {
    const property = pair.slice(0, pair.indexOf('='));
    if (keptValue(property, pair.slice(pair.indexOf('=') + 1)) !== undefined) continue;
    return Object.hasOwn(DEFAULTS, property)
      ? `bad value for '${property}'`
      : `invalid property '${property}'`;
  }
  return undefined;
}
