import type { ObservedDataset, ObservedPool } from '../../model/observed-host.ts';
import { fieldsIn } from './lines.ts';

/** Imported pools, from `zpool list -H -o name,health` and `zpool status -P`. */
export function observedPools(list: string, status: string): readonly ObservedPool[] {
  const sections = sectionsIn(status);
  return fieldsIn(list).map(([name = '', health = '']) => {
    const lines = sections.get(name) ?? [];
    const message = messageIn(lines);
    return { name, health, vdevs: vdevsIn(name, lines), ...(message !== undefined && { status: message }) };
  });
}

/** Datasets by name, from `zfs get -H -p -o name,property,value,source all …`. */
export function observedDatasets(text: string): ReadonlyMap<string, ObservedDataset> {
  const datasets = new Map<string, Map<string, { readonly value: string; readonly source: string }>>();
  for (const [name = '', property = '', value = '', source = ''] of fieldsIn(text)) {
    const properties = datasets.get(name) ?? new Map<string, { value: string; source: string }>();
    properties.set(property, { value, source });
    datasets.set(name, properties);
  }
  return new Map([...datasets].map(([name, properties]) => [name, { name, properties }]));
}

function sectionsIn(status: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of status.split('\n')) {
    const name = /^ *pool: (.+)$/.exec(line)?.[1];
    if (name !== undefined) {
      current = [];
      sections.set(name, current);
    }
    current.push(line);
  }
  return sections;
}

/** What `status:` and `action:` say, on one line. */
function messageIn(lines: readonly string[]): string | undefined {
  const text: string[] = [];
  let isIn = false;
  for (const line of lines) {
    const heading = /^ *([a-z]+):/.exec(line)?.[1];
    if (heading !== undefined) isIn = heading === 'status' || heading === 'action';
    if (isIn) text.push(line.replace(/^ *[a-z]+:/, '').trim());
  }
  return text.length === 0 ? undefined : text.join(' ');
}

/**
 * The data vdevs of the `config:` section: lines below the pool's own at one level are vdevs, at two
 * levels their disks; a group such as `logs` or `cache` ends them.
 */
function vdevsIn(pool: string, lines: readonly string[]): ObservedPool['vdevs'] {
  const vdevs: { kind: string; disks: string[] }[] = [];
  let isData = false;
  for (const line of lines) {
    const match = /^\t( *)(\S+)\s/.exec(`${line} `);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const depth = match[1].length / 2;
    const name = match[2];
    if (depth === 0) isData = name === pool;
    else if (isData && depth === 1) {
      const group = /^(mirror|raidz[123]|draid\S*)-\d+$/.exec(name)?.[1];
      vdevs.push(group === undefined ? { kind: 'disk', disks: [name] } : { kind: group, disks: [] });
    } else if (isData && name.startsWith('/')) vdevs.at(-1)?.disks.push(name);
  }
  return vdevs;
}
