import { isInside } from './in-network.ts';

export type Arrival = {
  readonly source: string;
  readonly address: string;
  /** The host's own network: what Proxmox takes for the management network besides the set of that name. */
  readonly network: string;
  readonly port: number;
};

/**
 * Does Proxmox's firewall let a new TCP connection to the host in? Rules of the host come first, then
 * those of the datacenter, then what the management networks may always do, then the policy
 * (PVE::Firewall enable_host_firewall, version 5).
 */
export function isAdmitted(
  { cluster, host }: { readonly cluster: string; readonly host: string },
  arrival: Arrival,
): boolean {
  const datacenter = read(cluster);
  const own = read(host);
  if (datacenter.options.get('enable') !== '1' || own.options.get('enable') === '0') return true;
  const verdict = [...rulesOf(own, datacenter), ...rulesOf(datacenter, datacenter)]
    .map((rule) => judge(rule, arrival, datacenter))
    .find((found) => found !== undefined);
  if (verdict !== undefined) return verdict;
  const management = datacenter.sections.get('ipset management') ?? [];
  const isManager =
    isInside(arrival.source, arrival.network) ||
    management.some((entry) => matches(entry.split('#')[0]?.trim() ?? '', arrival.source, datacenter));
  if (isManager && MANAGEMENT_PORTS.some(([from, to]) => arrival.port >= from && arrival.port <= to))
    return true;
  return (datacenter.options.get('policy_in') ?? 'DROP') === 'ACCEPT';
}

const MANAGEMENT_PORTS: readonly (readonly [number, number])[] = [
  [22, 22],
  [3128, 3128],
  [5900, 5999],
  [8006, 8006],
];

type Level = {
  readonly options: ReadonlyMap<string, string>;
  readonly sections: ReadonlyMap<string, readonly string[]>;
};

function read(text: string): Level {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const name = /^\[([^\]]+)\]/.exec(line)?.[1]?.toLowerCase();
    if (name !== undefined) {
      current = sections.get(name) ?? [];
      sections.set(name, current);
    } else if (line !== '' && !line.startsWith('#')) current.push(line);
  }
  const options = (sections.get('options') ?? []).map((line): [string, string] => {
    const [key = '', value = ''] = line.split(/:\s*/);
    return [key.toLowerCase(), value.trim()];
  });
  return { options: new Map(options), sections };
}

function rulesOf(level: Level, datacenter: Level): readonly string[] {
  return (level.sections.get('rules') ?? []).flatMap((line) => {
    const group = /^group\s+(\S+)/i.exec(line)?.[1];
    return group === undefined ? [line] : (datacenter.sections.get(`group ${group.toLowerCase()}`) ?? []);
  });
}

function judge(line: string, arrival: Arrival, datacenter: Level): boolean | undefined {
  const [direction = '', action = '', ...rest] = (line.split('#')[0] ?? '').trim().split(/\s+/);
  if (direction.toUpperCase() !== 'IN') return undefined;
  const options = new Map<string, string>();
  for (let index = 0; index < rest.length; index += 2) options.set(rest[index] ?? '', rest[index + 1] ?? '');
  const [, macro, inner = action] = /^(\w+)\((\w+)\)$/.exec(action) ?? [];
  if (macro !== undefined && !(macro === 'SSH' && arrival.port === 22)) return undefined;
  const proto = options.get('-p');
  if (proto !== undefined && proto !== 'tcp') return undefined;
  const ports = options.get('-dport');
  const isPort = (part: string): boolean => {
    const [from = '', to = from] = part.split(':');
    return arrival.port >= Number(from) && arrival.port <= Number(to);
  };
  if (ports !== undefined && !ports.split(',').some(isPort)) return undefined;
  const source = options.get('-source');
  if (source !== undefined && !matches(source, arrival.source, datacenter)) return undefined;
  const dest = options.get('-dest');
  if (dest !== undefined && !matches(dest, arrival.address, datacenter)) return undefined;
  return inner.toUpperCase() === 'ACCEPT';
}

function matches(wanted: string, address: string, datacenter: Level): boolean {
  return wanted.split(',').some((part) => {
    const set = /^\+(?:dc\/)?(.+)$/.exec(part)?.[1];
    if (set !== undefined) {
      const entries = datacenter.sections.get(`ipset ${set.toLowerCase()}`) ?? [];
      const plain = entries.map((entry) => entry.split('#')[0]?.trim() ?? '');
      return plain.some((entry) => !entry.startsWith('!') && matches(entry, address, datacenter));
    }
    if (/^\d+(?:\.\d+){3}(?:\/\d+)?$/.test(part))
      return isInside(address, part.includes('/') ? part : `${part}/32`);
    const alias = (datacenter.sections.get('aliases') ?? [])
      .map((line) => line.split(/\s+/))
      .find(([name]) => name?.toLowerCase() === part.replace(/^dc\//, '').toLowerCase());
    return alias?.[1] !== undefined && matches(alias[1], address, datacenter);
  });
}
