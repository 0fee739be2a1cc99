import type { Launch } from '../../twin/host.ts';
import {
  type GuestRoot,
  existsInGuest,
  linkInGuest,
  readGuestFile,
  removeGuestFile,
  writeGuestFile,
} from './guest-root.ts';
import { hostsFile, interfacesFile, networkUnit, resolvFile } from './network-files.ts';

/** Writes into a root filesystem what Proxmox writes before each start. */
export async function writeGuestFiles(
  root: GuestRoot,
  launch: Launch,
  hostDns: readonly string[],
): Promise<void> {
  await writeHostname(root, launch);
  await writeDns(root, launch, hostDns);
  await writeNetwork(root, launch);
  if (launch.timezone !== undefined && launch.timezone !== 'host') {
    await linkInGuest(root, '/etc/localtime', `/usr/share/zoneinfo/${launch.timezone}`);
    await write(root, '/etc/timezone', `${launch.timezone}\n`);
  }
}

export async function writeHostname(root: GuestRoot, launch: Launch): Promise<void> {
  await write(root, '/etc/hostname', `${launch.hostname}\n`);
  const hosts = (await readGuestFile(root, '/etc/hosts')) ?? '';
  await write(root, '/etc/hosts', hostsFile(hosts, launch.hostname, launch.searchdomain, launch.nics));
}

export async function writeDns(
  root: GuestRoot,
  launch: Pick<Launch, 'nameserver' | 'searchdomain'>,
  hostDns: readonly string[],
): Promise<void> {
  const servers = launch.nameserver?.split(/[\s,;]+/).filter(Boolean) ?? hostDns;
  const before = (await readGuestFile(root, '/etc/resolv.conf')) ?? '';
  await write(root, '/etc/resolv.conf', resolvFile(before, servers, launch.searchdomain));
}

export async function writeNetwork(root: GuestRoot, launch: Pick<Launch, 'nics'>): Promise<void> {
  if (await existsInGuest(root, '/etc/network')) {
    await write(root, '/etc/network/interfaces', interfacesFile(launch.nics));
    return;
  }
  for (const nic of launch.nics) {
    await write(
      root,
      `/etc/systemd/network/${nic.fields['name'] ?? `eth${nic.index}`}.network`,
      networkUnit(nic),
    );
  }
}

/** An empty machine id: systemd makes a new one at the next start. */
export async function clearMachineId(root: GuestRoot): Promise<void> {
  if (!(await existsInGuest(root, '/etc/machine-id'))) return;
  await writeGuestFile(root, '/etc/machine-id', '', 0o444);
  await removeGuestFile(root, '/var/lib/dbus/machine-id');
  await linkInGuest(root, '/var/lib/dbus/machine-id', '/etc/machine-id');
}

/** A file whose neighbour `.pve-ignore.<name>` exists is the administrator's own: Proxmox leaves it alone. */
async function write(root: GuestRoot, path: string, text: string): Promise<void> {
  const slash = path.lastIndexOf('/');
  if (await existsInGuest(root, `${path.slice(0, slash)}/.pve-ignore.${path.slice(slash + 1)}`)) return;
  if ((await readGuestFile(root, path)) === text) return;
  await writeGuestFile(root, path, text);
}
