import type { DesiredContainer, DesiredGuest, DesiredVm, Folder } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { type ExpectedStorage, expectedStorages } from './expected-storages.ts';

/** What a sandbox must have so that a folder's guests can be made in it. */
export type SandboxNeeds = {
  readonly nodeName: string;
  readonly storages: readonly ExpectedStorage[];
  readonly bridges: readonly ExpectedBridge[];
  /** Absolute paths of the node that containers mount. */
  readonly hostPaths: readonly string[];
  /** Templates given as a path on the node, and those that `pveam` will be asked for. */
  readonly templates: readonly ExpectedTemplate[];
  /** Cloud images, and where on the node Phoenix looks for them. */
  readonly images: readonly ExpectedImage[];
  readonly hasMachines: boolean;
  /** What the folder describes and a sandbox leaves out. */
  readonly notices: readonly Diagnostic[];
};

export type ExpectedBridge = {
  readonly name: string;
  /** Addresses with their prefix length: the gateways that guests use, the node's own; may be none. */
  readonly addresses: readonly string[];
  readonly hasDhcpGuests: boolean;
};

/** `path`: the archive must lie there before any guest is made; without it `pveam` brings it. */
export type ExpectedTemplate = { readonly name: string; readonly path?: string };

export type ExpectedImage = { readonly file: string; readonly url: string; readonly path: string };

/** Reads out of a folder what its guests expect of the node. */
export function needsOf(folder: Folder): SandboxNeeds {
  const guests = [...folder.guests.values()];
  const containers = guests.filter((guest) => guest.kind === 'lxc');
  const machines = guests.filter((guest) => guest.kind === 'vm');
  return {
    nodeName: nodeName(folder),
    storages: expectedStorages(guests, folder.hypervisor.settings),
    bridges: bridges(guests, folder.hypervisor.settings),
    hostPaths: unique(containers.flatMap((guest) => guest.mounts.map((mount) => mount.hostPath))),
    templates: templates(containers),
    images: images(machines),
    hasMachines: machines.length > 0,
    notices: [],
  };
}

function nodeName(folder: Folder): string {
  const network = asObject(folder.hypervisor.settings['network']);
  const name = network['hostname'];
  return typeof name === 'string' && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name) ? name : 'sandbox';
}

function bridges(guests: readonly DesiredGuest[], settings: Settings): ExpectedBridge[] {
  const addresses = new Map<string, Set<string>>([[DEFAULT_BRIDGE, new Set()]]);
  const dhcp = new Set<string>();
  const add = (bridge: string, address: string | undefined) => {
    const known = addresses.get(bridge) ?? new Set<string>();
    if (address !== undefined) known.add(address);
    addresses.set(bridge, known);
  };
  const guestAddresses = new Set(guests.flatMap((guest) => guest.nics.map((nic) => nic.ip?.split('/')[0])));
  for (const guest of guests) {
    for (const nic of guest.nics) {
      const bridge = nic.bridge ?? DEFAULT_BRIDGE;
      add(bridge, gatewayAddress(nic.gateway, nic.ip));
      add(bridge, gatewayAddress(nic.gateway6, nic.ip6));
      if (nic.ip === 'dhcp') dhcp.add(bridge);
      for (const server of nameserversOf(guest)) {
        if (!guestAddresses.has(server) && isBeside(server, nic)) add(bridge, gatewayAddress(server, nic.ip));
      }
    }
  }
  const interfaces = asObject(asObject(settings['network'])['interfaces']);
  if (typeof interfaces['name'] === 'string' && typeof interfaces['address'] === 'string') {
    const isGuests = guestAddresses.has(interfaces['address'].split('/')[0]);
    if (interfaces['address'].includes('/') && !isGuests) add(interfaces['name'], interfaces['address']);
  }
  return [...addresses].map(([name, found]) => ({
    name,
    addresses: [...found],
    hasDhcpGuests: dhcp.has(name),
  }));
}

function nameserversOf(guest: DesiredGuest): readonly string[] {
  return (guest.kind === 'lxc' ? guest.nameservers : guest.cloudInit?.nameservers) ?? [];
}

const DEFAULT_BRIDGE = 'vmbr0';

function gatewayAddress(gateway: string | undefined, cidr: string | undefined): string | undefined {
  const length = cidr?.split('/')[1];
  return gateway === undefined || length === undefined ? undefined : `${gateway}/${length}`;
}

/** Is an IPv4 address in the network of a NIC? Only then is the node the one that must answer there. */
function isBeside(address: string, nic: { readonly ip?: string }): boolean {
  const [own, length] = (nic.ip ?? '').split('/');
  const mine = toNumber(own);
  const other = toNumber(address);
  if (mine === undefined || other === undefined || length === undefined) return false;
  const size = 2 ** (32 - Number(length));
  return Math.floor(mine / size) === Math.floor(other / size);
}

function toNumber(address: string | undefined): number | undefined {
  const parts = (address ?? '').split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part > 255)) return undefined;
  return parts.reduce((total, part) => total * 256 + part, 0);
}

function templates(containers: readonly DesiredContainer[]): ExpectedTemplate[] {
  const found = new Map<string, ExpectedTemplate>();
  for (const { template } of containers) {
    if (template === undefined) continue;
    const name = template.slice(Math.max(template.lastIndexOf('/'), template.lastIndexOf(':')) + 1);
    found.set(template, template.startsWith('/') ? { name, path: template } : { name });
  }
  return [...found.values()];
}

function images(machines: readonly DesiredVm[]): ExpectedImage[] {
  const found = new Map<string, ExpectedImage>();
  for (const { image } of machines) {
    if (image === undefined) continue;
    const { file, url } = image;
    found.set(file, { file, url, path: `/var/lib/vz/import/${file}` });
  }
  return [...found.values()];
}

type Settings = Readonly<Record<string, unknown>>;

function asObject(value: unknown): Settings {
  return typeof value === 'object' && value !== null ? (value as Settings) : {};
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
