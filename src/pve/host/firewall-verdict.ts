import { parseFirewallFile, readFirewallOption, sectionLines, type FirewallFile } from '../firewall-file.ts';
import { contains, isAddress } from './address.ts';

/** A new TCP connection to the host. */
export type Connection = {
  readonly client: string;
  readonly address: string;
  readonly port: number;
  /** Network of that address, which Proxmox counts among the management networks. */
  readonly network: string;
};

/**
 * Would the host's firewall let a new connection in? As Proxmox builds its chain for the host: rules of
 * the host, rules of the datacenter, what the management networks may always do, the policy (PVE::Firewall
 * enable_host_firewall). A rule that can't be judged counts as what would be worse.
 */
export function letsIn(datacenterText: string, hostText: string, connection: Connection): boolean {
  const datacenter = parseFirewallFile(datacenterText);
  const host = parseFirewallFile(hostText);
  if (!isOn(readFirewallOption(datacenter, 'enable') ?? '0')) return true;
  if (!isOn(readFirewallOption(host, 'enable') ?? '1')) return true;
  for (const line of [...rulesIn(host, datacenter), ...rulesIn(datacenter, datacenter)]) {
    const verdict = judge(line, connection, datacenter);
    if (verdict !== undefined) return verdict === 'ACCEPT';
  }
  if (MANAGEMENT.some(([from, to]) => connection.port >= from && connection.port <= to)) {
    const local = aliasOf('local_network', datacenter) ?? connection.network;
    if (contains(local, connection.client)) return true;
    if (isInSet('management', connection.client, datacenter)) return true;
  }
  return (readFirewallOption(datacenter, 'policy_in') ?? 'DROP').toUpperCase() === 'ACCEPT';
}

/** Web interface, consoles, SPICE, SSH and migration. */
const MANAGEMENT: readonly (readonly [number, number])[] = [
  [8006, 8006],
  [5900, 5999],
  [3128, 3128],
  [22, 22],
  [60_000, 60_050],
];

function isOn(value: string): boolean {
  return /^(?:1|yes|on|true)$/i.test(value);
}

function rulesIn(file: FirewallFile, datacenter: FirewallFile): readonly string[] {
  return plainLines(sectionLines(file, 'RULES')).flatMap((line) => {
    const group = /^GROUP\s+(\S+)/i.exec(line)?.[1];
    return group === undefined
      ? [line]
      : plainLines(sectionLines(datacenter, `GROUP ${group.toUpperCase()}`));
  });
}

/** Lines without comments; a rule behind a "|" is switched off. */
function plainLines(lines: readonly string[]): readonly string[] {
  return lines
    .map((line) => (line.split('#')[0] ?? '').trim())
    .filter((line) => line !== '' && !line.startsWith('|'));
}

function judge(line: string, connection: Connection, datacenter: FirewallFile): string | undefined {
  const [direction = '', said = '', ...rest] = line.split(/\s+/);
  if (direction.toUpperCase() !== 'IN') return undefined;
  const [, macro, inner = said] = /^(\w+)\((\w+)\)$/.exec(said) ?? [];
  const action = inner.toUpperCase();
  const isHarsh = action !== 'ACCEPT';
  const options = new Map<string, string>();
  for (let index = 0; index + 1 < rest.length; index += 2)
    options.set(rest[index] ?? '', rest[index + 1] ?? '');
  // Of Proxmox's macros only this one is about a port that people manage the host by.
  if (macro !== undefined && (macro.toUpperCase() !== 'SSH' || connection.port !== 22)) return undefined;
  const proto = options.get('-p')?.toLowerCase();
  if (proto !== undefined && proto !== 'tcp' && proto !== '6') return undefined;
  const ports = options.get('-dport');
  if (ports !== undefined && !hasPort(ports, connection.port)) return undefined;
  const source = options.get('-source');
  if (source !== undefined && !isAt(source, connection.client, datacenter, isHarsh)) return undefined;
  const dest = options.get('-dest');
  if (dest !== undefined && !isAt(dest, connection.address, datacenter, isHarsh)) return undefined;
  // The interface and the source port of a new connection are not known: they match where that is worse.
  const isNarrowed = options.has('-i') || options.has('-sport');
  return isNarrowed && !isHarsh ? undefined : action;
}

function hasPort(ports: string, port: number): boolean {
  return ports.split(',').some((part) => {
    const [from = '', to = from] = part.split(':');
    if (!/^\d+$/.test(from)) return SERVICES.get(from) === port;
    return port >= Number(from) && port <= Number(to);
  });
}

const SERVICES: ReadonlyMap<string, number> = new Map([['ssh', 22]]);

/** Does a rule's place hold an address? A name that nobody knows does where that is worse. */
function isAt(place: string, address: string, datacenter: FirewallFile, orElse: boolean): boolean {
  return place.split(',').some((part) => {
    const set = /^\+(?:dc\/)?(.+)$/.exec(part)?.[1];
    if (set !== undefined) return isInSet(set, address, datacenter);
    if (isAddress(part)) return contains(part, address);
    const alias = aliasOf(part.replace(/^dc\//, ''), datacenter);
    return alias === undefined ? orElse : contains(alias, address);
  });
}

function isInSet(name: string, address: string, datacenter: FirewallFile): boolean {
  const entries = plainLines(sectionLines(datacenter, `IPSET ${name.toUpperCase()}`));
  const holds = (entry: string): boolean => {
    const place = isAddress(entry) ? entry : aliasOf(entry.replace(/^dc\//, ''), datacenter);
    return place !== undefined && contains(place, address);
  };
  const isOut = entries.some((entry) => entry.startsWith('!') && holds(entry.slice(1).trim()));
  return !isOut && entries.some((entry) => !entry.startsWith('!') && holds(entry));
}

function aliasOf(name: string, datacenter: FirewallFile): string | undefined {
  const lines = plainLines(sectionLines(datacenter, 'ALIASES')).map((line) => line.split(/\s+/));
  return lines.find(([found]) => found?.toLowerCase() === name.toLowerCase())?.[1];
}
