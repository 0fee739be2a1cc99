import type { DescribedGuest } from '../model/described.ts';
import type { GuestKind } from '../model/target.ts';

/** A key of a guest's entry that is to become another value; undefined: it goes. */
export type AcceptedKey = { readonly path: readonly string[]; readonly value: unknown };

export type Acceptance = {
  readonly keys: readonly AcceptedKey[];
  /** Differences that no key of the folder could hold. */
  readonly refused: readonly string[];
};

type Entry = Readonly<Record<string, unknown>>;

/**
 * What has to change in a guest's entry of a folder so that it says what the node has: for each
 * difference (`memory`, `nic eth0`, `mount /data`, …) the keys that hold it, as `described` has them.
 * Parts that the entry did not say before, such as a derived MAC address, it does not say afterwards.
 */
export function acceptDrift(
  entry: Entry,
  { kind, groups }: DescribedGuest,
  attributes: readonly string[],
): Acceptance {
  const described: Entry = Object.assign({}, ...groups) as Entry;
  const keys = new Map<string, AcceptedKey>();
  const refused: string[] = [];
  for (const attribute of attributes) {
    const found = keysOf(kind, attribute.replace(/^pending /, ''), entry, described);
    if (found.length === 0) refused.push(attribute);
    for (const key of found) keys.set(key.path.join('/'), key);
  }
  const changed = [...keys.values()].filter(({ path, value }) => !isSame(at(entry, path), value));
  // A part of an object comes after the object.
  return { keys: changed.toSorted((one, other) => one.path.length - other.path.length), refused };
}

/** Keys by the first word of an attribute; `-key`: it says the same in another way, and goes. */
const KEYS: Readonly<Record<GuestKind, Readonly<Record<string, string>>>> = {
  lxc: {
    hostname: 'name',
    memory: 'memory_mb',
    swap: 'swap_mb',
    cores: 'cores',
    onboot: 'start_at_boot',
    startup: 'boot_order boot_delay',
    timezone: 'timezone',
    protection: 'protection',
    features: 'pct_options',
    tags: 'tags',
    description: 'notes',
    mount: 'volumes mount_points -zfs_volumes',
    size: 'storage_size_gb volumes -zfs_volumes',
    device: 'devices',
    line: 'lxc_options',
    firewall: 'firewall',
  },
  vm: {
    name: 'name',
    memory: 'memory_mb',
    cores: 'cores',
    sockets: 'sockets',
    cpu: 'cpu_type',
    ostype: 'os_type',
    machine: 'machine',
    bios: 'bios',
    agent: 'guest_agent',
    serial0: 'serial_console',
    vga: 'serial_console',
    boot: 'boot_devices',
    onboot: 'start_at_boot',
    startup: 'boot_order boot_delay',
    protection: 'protection',
    tags: 'tags',
    description: 'notes',
    disk: 'disks',
    size: 'disk_size_gb disks',
    pci: 'pci_devices',
    firewall: 'firewall',
  },
};

function keysOf(kind: GuestKind, attribute: string, entry: Entry, described: Entry): readonly AcceptedKey[] {
  const [word = ''] = attribute.split(' ');
  if (word === 'nic')
    return kind === 'lxc' ? containerNics(entry, described) : machineNics(attribute, entry, described);
  if (kind === 'lxc' && (word === 'nameserver' || word === 'searchdomain'))
    return dns(word, entry, described);
  const names = KEYS[kind][word]?.split(' ') ?? [];
  return names.flatMap((name) =>
    name.startsWith('-')
      ? entry[name.slice(1)] === undefined
        ? []
        : [{ path: [name.slice(1)], value: undefined }]
      : [{ path: [name], value: valueOf(name, entry, described) }],
  );
}

function valueOf(name: string, entry: Entry, described: Entry): unknown {
  const value = described[name];
  // GPUs have a key of their own, and AppArmor and id maps too.
  if (name === 'devices' && entry['gpu_assignment'] !== undefined) {
    return listOrNothing(value, (device) => typeof device !== 'string' || !device.startsWith('/dev/nvidia'));
  }
  if (name === 'lxc_options') {
    const other = [
      ...(entry['apparmor_profile'] === undefined ? [] : ['lxc.apparmor', 'lxc.include']),
      ...(entry['id_maps'] === undefined ? [] : ['lxc.idmap']),
    ];
    return listOrNothing(value, (line) => !other.some((prefix) => String(line).startsWith(prefix)));
  }
  return value;
}

function listOrNothing(value: unknown, isKept: (item: unknown) => boolean): unknown {
  const kept = Array.isArray(value) ? value.filter(isKept) : [];
  return kept.length === 0 ? undefined : kept;
}

function dns(word: string, entry: Entry, described: Entry): readonly AcceptedKey[] {
  const network = described['network_config'] as Entry | undefined;
  if (word === 'nameserver')
    return [{ path: ['network_config', 'nameservers'], value: network?.['nameservers'] }];
  const value = network?.['search_domain'] ?? described['search_domain'];
  return entry['search_domain'] === undefined && network
    ? [{ path: ['network_config', 'search_domain'], value }]
    : [{ path: ['search_domain'], value }];
}

function containerNics(entry: Entry, described: Entry): readonly AcceptedKey[] {
  const saysAddress = JSON.stringify(entry).includes('"hwaddr"') || entry['mac_address'] !== undefined;
  const nics = nicsOf(described).map((nic) => (saysAddress ? nic : without(nic, 'hwaddr')));
  const [first, ...others] = nics;
  const old = (entry['network_config'] ?? {}) as Entry;
  const kept = Object.fromEntries(
    Object.entries(old).filter(([key]) => /^(?:nameservers|search_domain)$/.test(key)),
  );
  return [
    { path: ['network_config'], value: first && { ...first, ...kept } },
    { path: ['network_interfaces'], value: others.length === 0 ? undefined : others },
    ...['secondary_network_config', 'mac_address'].flatMap((key) =>
      entry[key] === undefined ? [] : [{ path: [key], value: undefined }],
    ),
  ];
}

function nicsOf(described: Entry): readonly Entry[] {
  const { network_config: first, network_interfaces: others } = described;
  const own = first === undefined ? [] : [without(without(first as Entry, 'nameservers'), 'search_domain')];
  return [...own, ...((others ?? []) as readonly Entry[])];
}

/** A VM's NICs are known by their slots; addresses are Cloud-Init's, and stay as the folder has them. */
function machineNics(attribute: string, entry: Entry, described: Entry): readonly AcceptedKey[] {
  const slot = attribute.slice('nic '.length);
  const nic = ((described['network_interfaces'] ?? []) as readonly Entry[]).find(
    (one) => one['slot'] === slot,
  );
  const isLegacy = ['network_config', 'network_bridge', 'mac_address'].some(
    (key) => entry[key] !== undefined,
  );
  if (slot === 'net0' && isLegacy) {
    return nic === undefined
      ? []
      : [
          { path: ['network_bridge'], value: nic['bridge'] },
          ...(entry['mac_address'] === undefined
            ? []
            : [{ path: ['mac_address'], value: nic['mac_address'] }]),
        ];
  }
  const listed = (entry['network_interfaces'] ?? []) as readonly Entry[];
  const old = listed.find((one, index) => (one['slot'] ?? `net${index}`) === slot);
  const others = listed.filter((one) => one !== old);
  if (!nic) return [{ path: ['network_interfaces'], value: others }];
  const said = old?.['mac_address'] === undefined && old !== undefined ? without(nic, 'mac_address') : nic;
  const addresses = Object.fromEntries(
    Object.entries(old ?? {}).filter(([key]) => /^(?:ip6?|gw6?)$/.test(key)),
  );
  return [{ path: ['network_interfaces'], value: [...others, { ...said, ...addresses }].toSorted(bySlot) }];
}

function bySlot(one: Entry, other: Entry): number {
  return String(one['slot']).localeCompare(String(other['slot']), 'en', { numeric: true });
}

function without(entry: Entry, key: string): Entry {
  const { [key]: _, ...others } = entry;
  return others;
}

function at(entry: Entry, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Entry | undefined)?.[key], entry);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
