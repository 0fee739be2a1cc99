import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError, type Launch, type Mount } from '../../twin/host.ts';
import { removeEmptyGroups } from '../cgroup.ts';
import { runCommand } from '../command.ts';
import type { ToolSettings } from '../inside.ts';
import { makeDevice } from './devices.ts';
import { writeGuestFiles } from './guest-files.ts';
import type { GuestRoot } from './guest-root.ts';
import { effectiveIdMap } from './id-map.ts';
import { launchConfig } from './launch-config.ts';
import { readMachine } from './machine.ts';
import { stageSource, unstage } from './staging.ts';
import { dataPath } from './volume-store.ts';

/** Starts a container with LXC and returns once its init runs. Rejects with what LXC said. */
export async function startContainer(launch: Launch, settings: ToolSettings): Promise<void> {
  const { vmid } = launch;
  await writeGuestFiles(guestRoot(launch), launch, [settings.dns]);
  const sources = new Map<Mount, { path: string; isFolder: boolean }>();
  await unstage(vmid);
  for (const mount of launch.mounts) {
    const found = await mountSource(mount);
    const path = mount.source.kind === 'bind' ? await stageSource(vmid, mount, found.path) : found.path;
    sources.set(mount, { ...found, path });
  }
  const map = effectiveIdMap(launch);
  const devices = [];
  for (const device of launch.devices) devices.push(await makeDevice(vmid, device, map));
  const text = launchConfig(launch, {
    machine: await readMachine(),
    cgroup: settings.cgroup,
    includes: await includes(launch),
    sourceOf: (mount) => sources.get(mount) ?? { path: mount.path, isFolder: true },
    devices,
  });
  const folder = containerFolder(launch);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config'), text);
  // A group that a killed monitor left behind would refuse the new one.
  await removeEmptyGroups(`${settings.cgroup}/${vmid}`);
  await removeEmptyGroups(`${settings.cgroup}/monitor/${vmid}`);
  const log = `/var/log/lxc-${vmid}.log`;
  await rm(log, { force: true });
  const started = await runCommand(['lxc-start', '-n', String(vmid), '-o', log, '-l', 'WARN']);
  if (started.code !== 0) throw new HostError(await startError(vmid, log, started.stderr));
}

/** The root filesystem of a container, as the node sees it. */
export function guestRoot(launch: Pick<Launch, 'mounts' | 'unprivileged' | 'raw'>): GuestRoot {
  const rootfs = launch.mounts.find((mount) => mount.path === '/');
  if (rootfs?.source.kind === 'volume') {
    return { path: dataPath(rootfs.source.volume), idMap: effectiveIdMap(launch) };
  }
  if (rootfs?.source.kind === 'bind') return { path: rootfs.source.path, idMap: effectiveIdMap(launch) };
  throw new HostError('the container has no root filesystem');
}

/** Where a mount's content lies on the host. Rejects where there is nothing. */
export async function mountSource(mount: Mount): Promise<{ path: string; isFolder: boolean }> {
  const { source } = mount;
  if (source.kind === 'device') {
    throw new HostError(`unable to mount '${source.path}': the sandbox mounts no block devices`);
  }
  const path = source.kind === 'volume' ? dataPath(source.volume) : source.path;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new HostError(
      source.kind === 'volume'
        ? `no such volume '${source.volume.storage.id}:${source.volume.name}'`
        : `directory '${path}' does not exist`,
    );
  }
  return { path, isFolder: found.isDirectory() };
}

async function includes(launch: Launch): Promise<string[]> {
  const folder = '/usr/share/lxc/config';
  const wanted = [`${launch.ostype}.common.conf`];
  if (launch.unprivileged) wanted.push(`${launch.ostype}.userns.conf`);
  const found: string[] = [];
  for (const name of wanted) {
    const own = join(folder, name);
    const generic = join(folder, name.slice(name.indexOf('.') + 1));
    found.push((await stat(own).catch(() => undefined)) ? own : generic);
  }
  if (launch.features['nesting'] === '1') found.push(join(folder, 'nesting.conf'));
  return found;
}

function containerFolder({ vmid }: Launch): string {
  return `/var/lib/lxc/${vmid}`;
}

async function startError(vmid: number, log: string, stderr: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const errors = text
    .split('\n')
    .filter((line) => line.includes(' ERROR '))
    .map((line) => line.replace(/^.*? ERROR\s+\S+ - \S+?:/, ''))
    .slice(0, 4);
  return errors.join('\n') || stderr.trim() || `startup for container '${vmid}' failed`;
}
