import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fields, HostError, type Hotplug, type Launch, type Nic } from '../../twin/host.ts';
import type { GuestId } from '../../model/target.ts';
import { mustRun } from '../command.ts';
import type { ToolSettings } from '../inside.ts';
import { makeDevice } from './devices.ts';
import { type GuestRoot, readGuestFile, writeGuestFile } from './guest-root.ts';
import { type IdRange, hostId } from './id-map.ts';
import { type GroupFile, cpuFiles, isVersion1, memoryFiles } from './limits.ts';
import { mountLive } from './live-mount.ts';
import { readMachine } from './machine.ts';
import { writeDns } from './guest-files.ts';
import { groupFolder, initPid } from './run-state.ts';
import { mountSource } from './start.ts';

/** Changes a running container. `root` is its root filesystem and carries its id map. */
export async function hotplug(
  vmid: GuestId,
  change: Hotplug,
  root: GuestRoot,
  settings: ToolSettings,
): Promise<void> {
  const pid = await initPid(vmid);
  if (pid === undefined) throw new HostError(`CT ${vmid} not running`);
  const inGuest = ['nsenter', '--target', String(pid)];
  switch (change.kind) {
    case 'memory':
      return limitMemory(`${settings.cgroup}/${vmid}`, change);
    case 'cpu':
      return writeGroup(`${settings.cgroup}/${vmid}`, cpuFiles(change, await readMachine(), true));
    case 'nic':
      if (change.before === undefined) await addNic(pid, change.nic);
      else await changeNic(change.nic, change.before);
      return setAddresses([...inGuest, '--net', '--'], change.nic);
    case 'remove-nic':
      await mustRun(['ip', 'link', 'delete', change.nic.hostName]);
      return;
    case 'mount': {
      const { path, isFolder } = await mountSource(change.mount);
      const { path: target, readOnly } = change.mount;
      return mountLive(pid, { source: path, target, isFolder, readOnly, owner: owner(root.idMap) });
    }
    case 'device': {
      const made = await makeDevice(vmid, change.device, root.idMap);
      await allowDevice(vmid, `${made.number} rw`, settings.cgroup);
      const { node: source, path: target } = made;
      return mountLive(pid, { source, target, isFolder: false, readOnly: false, owner: owner(root.idMap) });
    }
    case 'hostname':
      await renameInHosts(root, change.hostname);
      await writeGuestFile(root, '/etc/hostname', `${change.hostname}\n`);
      await mustRun([...inGuest, '--uts', '--', 'hostname', change.hostname]);
      return;
    case 'dns':
      return writeDns(root, withoutUndefined(change), [settings.dns]);
  }
}

async function limitMemory(group: string, change: Extract<Hotplug, { kind: 'memory' }>): Promise<void> {
  const files = memoryFiles(change, await readMachine());
  // Memory with swap may never be less than memory: the order depends on the direction.
  await writeGroup(group, files).catch(() => writeGroup(group, files.toReversed()));
}

async function writeGroup(group: string, files: readonly GroupFile[]): Promise<void> {
  for (const { controller, file, value } of files) {
    try {
      await writeFile(join(await groupFolder(group, controller), file), value);
    } catch (error) {
      throw new HostError(`can't set ${file} to ${value}: ${(error as Error).message}`);
    }
  }
}

async function allowDevice(vmid: GuestId, rule: string, cgroup: string): Promise<void> {
  if (!isVersion1(await readMachine(), 'devices')) {
    await mustRun(['lxc-cgroup', '-n', String(vmid), 'devices.allow', rule]);
    return;
  }
  const group = await groupFolder(`${cgroup}/${vmid}`, 'devices');
  // The inner group may allow no more than the outer one, and does not learn what that allows later.
  await writeFile(join(group, 'devices.allow'), rule);
  await writeFile(join(group, 'ns', 'devices.allow'), rule);
}

async function addNic(pid: number, nic: Nic): Promise<void> {
  const { hostName, fields } = nic;
  const inside = fields['name'] ?? `eth${nic.index}`;
  const peer = `${hostName}p`;
  await mustRun(['ip', 'link', 'add', hostName, 'type', 'veth', 'peer', 'name', peer]);
  try {
    if (fields['hwaddr'] !== undefined)
      await mustRun(['ip', 'link', 'set', peer, 'address', fields['hwaddr']]);
    if (fields['bridge'] !== undefined)
      await mustRun(['ip', 'link', 'set', hostName, 'master', fields['bridge']]);
    if (fields['mtu'] !== undefined) await mustRun(['ip', 'link', 'set', peer, 'mtu', fields['mtu']]);
    await mustRun(['ip', 'link', 'set', hostName, 'up']);
    await mustRun(['ip', 'link', 'set', peer, 'netns', String(pid), 'name', inside]);
  } catch (error) {
    await mustRun(['ip', 'link', 'delete', hostName]).catch(() => undefined);
    throw error;
  }
}

async function changeNic({ hostName, fields }: Nic, before: Fields): Promise<void> {
  if (fields['bridge'] !== undefined && fields['bridge'] !== before['bridge']) {
    await mustRun(['ip', 'link', 'set', hostName, 'master', fields['bridge']]);
  }
}

/** `prefix` runs the host's own `ip` in the container's network namespace. */
async function setAddresses(prefix: readonly string[], nic: Nic): Promise<void> {
  const { fields } = nic;
  const name = fields['name'] ?? `eth${nic.index}`;
  const isUp = fields['link_down'] !== '1';
  await mustRun([...prefix, 'ip', 'link', 'set', name, isUp ? 'up' : 'down']);
  for (const [family, address, gateway] of [
    ['-4', fields['ip'], fields['gw']],
    ['-6', fields['ip6'], fields['gw6']],
  ] as const) {
    if (address === undefined || !address.includes('/')) continue;
    await mustRun([...prefix, 'ip', family, 'address', 'flush', 'dev', name, 'scope', 'global']);
    await mustRun([...prefix, 'ip', family, 'address', 'add', address, 'dev', name]);
    if (gateway === undefined || !isUp) continue;
    await mustRun([...prefix, 'ip', family, 'route', 'replace', gateway, 'dev', name]);
    await mustRun([...prefix, 'ip', family, 'route', 'replace', 'default', 'via', gateway, 'dev', name]);
  }
}

async function renameInHosts(root: GuestRoot, hostname: string): Promise<void> {
  const before = (await readGuestFile(root, '/etc/hostname'))?.trim();
  const hosts = await readGuestFile(root, '/etc/hosts');
  if (!before || hosts === undefined) return;
  const words = hosts.split(/(\s+)/).map((word) => (word === before ? hostname : word));
  await writeGuestFile(root, '/etc/hosts', words.join(''));
}

function owner(map: readonly IdRange[]): { uid: number; gid: number } {
  return { uid: hostId(map, 'u', 0), gid: hostId(map, 'g', 0) };
}

function withoutUndefined(
  change: Extract<Hotplug, { kind: 'dns' }>,
): Pick<Launch, 'nameserver' | 'searchdomain'> {
  const { nameserver, searchdomain } = change;
  return {
    ...(nameserver !== undefined && { nameserver }),
    ...(searchdomain !== undefined && { searchdomain }),
  };
}
