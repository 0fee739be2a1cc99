import type { World } from '../../src/twin/index.ts';
import type { FolderJson, GuestJson, NicJson } from './folders.ts';

/**
 * What of a folder is not so in a world: read from the world's own files with a reader of its own,
 * against the configuration as it was written. Finished golden guests were never to be touched
 * again; their values are only compared where `isFresh` says so.
 */
export function unmet(world: World, folder: FolderJson, isFresh: (vmid: number) => boolean): string[] {
  return [...folder].flatMap(([vmid, guest]) => {
    const text = configText(world, vmid);
    if (text === undefined) return [`${vmid}: there is no such container`];
    const leaked = volumesOf(world, vmid).filter((volume) => !text.includes(volume));
    if (leaked.length > 0) return [`${vmid}: nothing names ${leaked.join(' and ')}`];
    const isGolden = guest.is_template === true || guest.template_snapshot_name !== undefined;
    if (isGolden) return goldenUnmet(vmid, guest, text);
    if (!isFresh(vmid)) return [];
    return [...guestUnmet(world, guest, text), ...insideUnmet(world, vmid, guest)].map(
      (problem) => `${vmid}: ${problem}`,
    );
  });
}

/** What Proxmox takes an absent key for. */
const UNSET: Readonly<Record<string, string>> = { onboot: '0', protection: '0' };

/** Names of a guest's volumes on all storages. */
export function volumesOf(world: World, vmid: number): string[] {
  return Object.values(world.volumes).flatMap((byGuest) => Object.keys(byGuest[vmid] ?? {}));
}

/** The text of a container's config file, and its head section as keys and values. */
export function configText(world: World, vmid: number): string | undefined {
  return world.files[`/etc/pve/nodes/${world.nodeName}/lxc/${vmid}.conf`]?.text;
}

export function headOf(text: string): Map<string, string> {
  const head = text.split(/^\[/m)[0] ?? '';
  const lines = head.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
}

function sectionOf(text: string, name: string): Map<string, string> {
  return headOf(text.split(`\n[${name}]\n`)[1] ?? '');
}

/** Does the folder say something of this key? Entries of lists are compared one by one. */
function isManaged(guest: GuestJson, key: string): boolean {
  const saying: Readonly<Record<string, unknown>> = {
    features: guest.pct_options,
    nameserver: guest.network_config?.nameservers,
    searchdomain: guest.search_domain,
    timezone: guest.timezone,
  };
  return saying[key] !== undefined;
}

function goldenUnmet(vmid: number, guest: GuestJson, text: string): string[] {
  const head = headOf(text);
  const problems: string[] = [];
  if (guest.is_template === true && head.get('template') !== '1') problems.push(`${vmid}: is no template`);
  const snapshot = guest.template_snapshot_name;
  if (snapshot !== undefined && !text.includes(`\n[${snapshot}]\n`)) problems.push(`${vmid}: no snapshot`);
  return problems;
}

function guestUnmet(world: World, guest: GuestJson, text: string): string[] {
  const head = headOf(text);
  const problems: string[] = [];
  const expect = (key: string, wanted: string | number | undefined): void => {
    if (wanted !== undefined && (head.get(key) ?? UNSET[key] ?? '') !== String(wanted)) {
      problems.push(`${key} is ${head.get(key)}, not ${wanted}`);
    }
  };
  const flag = (value: boolean | undefined): string | undefined =>
    value === undefined ? undefined : value ? '1' : '0';
  expect('hostname', guest.name);
  expect('memory', guest.memory_mb);
  expect('swap', guest.swap_mb);
  expect('cores', guest.cores);
  expect('onboot', flag(guest.start_at_boot));
  expect('protection', flag(guest.protection));
  expect('timezone', guest.timezone);
  expect('searchdomain', guest.search_domain);
  expect('nameserver', guest.network_config?.nameservers?.join(' '));
  if (guest.tags)
    expect(
      'tags',
      guest.tags
        .map((tag) => tag.toLowerCase())
        .toSorted()
        .join(';'),
    );
  if (guest.unprivileged) expect('unprivileged', '1');
  if (guest.boot_order !== undefined && !parts(head.get('startup')).get('order')) problems.push('no order');
  if (
    guest.boot_order !== undefined &&
    parts(head.get('startup')).get('order') !== String(guest.boot_order)
  ) {
    problems.push(`startup is ${head.get('startup')}`);
  }
  if (guest.pct_options) {
    const found = [...parts(head.get('features'))].map(([key, value]) => `${key}=${value}`).toSorted();
    if (found.join() !== guest.pct_options.toSorted().join()) problems.push(`features are ${found.join()}`);
  }
  const size = Number.parseInt(parts(head.get('rootfs')).get('size') ?? '0', 10);
  if (size < guest.storage_size_gb) problems.push(`rootfs has ${size} GiB`);
  for (const option of guest.lxc_options ?? []) {
    const [, key, value] = /^([\w.]+)\s*[=:]\s*(.*)$/.exec(option) ?? [];
    if (!text.split(/^\[/m)[0]?.includes(`\n${key}: ${value}\n`)) problems.push(`no line ${option}`);
  }
  for (const path of guest.devices ?? []) {
    if (!values(head, 'dev').some((value) => value.split(',')[0] === path)) problems.push(`no ${path}`);
  }
  const nics = [...(guest.network_config ? [guest.network_config] : []), ...(guest.network_interfaces ?? [])];
  for (const nic of nics) problems.push(...nicUnmet(head, nic));
  for (const { pool, size_gb, mount_point } of guest.volumes ?? []) {
    const found = values(head, 'mp').filter((value) => parts(value).get('mp') === mount_point);
    if (found.length !== 1) problems.push(`${found.length} mounts at ${mount_point}`);
    else if (!found[0]?.startsWith(`${pool}:`) && !found[0]?.startsWith('local')) {
      problems.push(`${mount_point} is ${found[0]}`);
    } else if (Number.parseInt(parts(found[0]).get('size') ?? '0', 10) < size_gb) {
      problems.push(`${mount_point} is too small: ${found[0]}`);
    }
  }
  for (const { host_path, container_path, read_only, owner_uid } of guest.mount_points ?? []) {
    const found = values(head, 'mp').filter((value) => parts(value).get('mp') === container_path);
    if (found.length !== 1 || found[0]?.split(',')[0] !== host_path) {
      problems.push(`at ${container_path}: ${found.join(' and ') || 'nothing'}`);
    } else if (read_only === true && parts(found[0]).get('ro') !== '1') problems.push('not read-only');
    const owner = world.files[host_path]?.uid ?? 0;
    const wanted = (owner_uid ?? 0) + (guest.unprivileged ? 100_000 : 0);
    const isShared = (guest.mount_points ?? []).some(
      (other) => other.host_path === host_path && other.owner_uid !== owner_uid,
    );
    if (owner_uid !== undefined && owner !== wanted && !isShared) {
      problems.push(`${host_path} belongs to ${owner}, not ${wanted}`);
    }
  }
  if (guest.firewall?.rules) problems.push(...firewallUnmet(world, guest.firewall, vmidOf(text)));
  const waiting = [...sectionOf(text, 'pve:pending').keys()].filter((key) => isManaged(guest, key));
  if (waiting.length > 0) problems.push(`${waiting.join()} waits for a restart`);
  return problems;
}

/** The number of the guest whose config this is, by our line in its notes. */
function vmidOf(text: string): number {
  return Number(/phoenix(?:%3A|:) [^/]*\/(\d+)/.exec(text)?.[1]);
}

export function firewallUnmet(
  world: World,
  firewall: NonNullable<GuestJson['firewall']>,
  vmid: number,
): string[] {
  const file = world.files[`/etc/pve/firewall/${vmid}.fw`]?.text ?? '';
  if (firewall.enabled && !/^enable: 1$/m.test(file)) return ['the firewall is not on'];
  return (firewall.rules ?? []).flatMap(({ type, action, port }) => {
    const found = file
      .split('\n')
      .some(
        (line) =>
          line.startsWith(`${type.toUpperCase()} ${action} `) &&
          (port === undefined || line.includes(`dport ${port}`)),
      );
    return found ? [] : [`no rule ${type} ${action} ${port}`];
  });
}

export function insideUnmet(
  world: World,
  vmid: number,
  guest: Pick<GuestJson, 'features' | 'application_script'>,
): string[] {
  if (world.guests[vmid]?.running === undefined) return ['does not run'];
  const volumes = Object.values(world.volumes).flatMap((byGuest) => Object.values(byGuest[vmid] ?? {}));
  const facts = [
    ...volumes.flatMap(({ content }) => content?.facts ?? []),
    ...(world.guests[vmid]?.content?.facts ?? []),
  ];
  const problems: string[] = [];
  for (const feature of guest.features ?? []) {
    if (!facts.some((fact) => fact.startsWith(`feature:${feature}@`))) problems.push(`no feature ${feature}`);
  }
  if (guest.application_script !== undefined && !facts.some((fact) => fact.startsWith('script:'))) {
    problems.push('the application script never ran');
  }
  return problems;
}

function nicUnmet(head: Map<string, string>, nic: NicJson): string[] {
  const found = values(head, 'net').filter((value) => parts(value).get('name') === nic.name);
  const [value] = found;
  if (found.length !== 1 || value === undefined) return [`${found.length} NICs ${nic.name}`];
  const has = parts(value);
  const wanted: [string, string | number | undefined][] = [
    ['bridge', nic.bridge],
    ['ip', nic.ip],
    ['tag', nic.vlan],
    ['mtu', nic.mtu],
    ['hwaddr', nic.hwaddr],
    ['firewall', nic.firewall === undefined ? undefined : nic.firewall ? 1 : 0],
  ];
  const problems = wanted.flatMap(([key, want]) =>
    want === undefined || (has.get(key) ?? '0') === String(want) ? [] : [`${nic.name} has ${value}`],
  );
  return has.has('hwaddr') ? problems : [...problems, `${nic.name} has no address`];
}

function values(head: Map<string, string>, prefix: string): string[] {
  return [...head].filter(([key]) => new RegExp(`^${prefix}\\d+$`).test(key)).map(([, value]) => value);
}

export function parts(text = ''): Map<string, string> {
  const given = text.split(',').filter((part) => part !== '');
  return new Map(given.map((part) => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']));
}
