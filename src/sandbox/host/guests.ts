import { mkdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostError, type HostGuests, type Launch, type Mount, type Usage } from '../../twin/host.ts';
import type { GuestId } from '../../model/target.ts';
import { runCommand, mustRun } from '../command.ts';
import type { ToolSettings } from '../inside.ts';
import { removeDevices } from './devices.ts';
import { execIn, pullFile, pushFile } from './exec.ts';
import { writeGuestFiles } from './guest-files.ts';
import type { GuestRoot } from './guest-root.ts';
import { hotplug } from './hotplug.ts';
import { effectiveIdMap } from './id-map.ts';
import { installTemplate } from './install.ts';
import { personalizeGuest } from './personalize.ts';
import { initPid, runState, runningContainers } from './run-state.ts';
import { guestRoot, mountSource, startContainer } from './start.ts';
import { unstage } from './staging.ts';
import { hostVolumes } from './volumes.ts';

/** Real containers in the namespaces that this process is in. */
export function hostGuests(
  settings: ToolSettings,
  environment: Readonly<Record<string, string | undefined>>,
): HostGuests {
  return {
    find: (vmid) => runState(vmid, settings.cgroup),
    install: installTemplate,
    personalize: async (launch, secrets) => {
      const root = guestRoot(launch);
      await writeGuestFiles(root, launch, [settings.dns]);
      await personalizeGuest(root, launch, secrets);
    },
    start: (launch) => startContainer(launch, settings),
    stop: async (vmid) => {
      const pid = await initPid(vmid);
      // The signal that `lxc-stop --kill` sends, without its half second.
      if (pid !== undefined) await runCommand(['kill', '-KILL', String(pid)]);
      await waitUntilStopped(vmid, 10_000);
    },
    shutdown: async (vmid, timeoutMs) => {
      const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
      await runCommand(['lxc-stop', '-n', String(vmid), '--nokill', '--timeout', seconds]);
      return !(await runningContainers()).has(vmid);
    },
    freeze: async (vmid, isFrozen) => {
      await orHostError(mustRun([isFrozen ? 'lxc-freeze' : 'lxc-unfreeze', '-n', String(vmid)]));
    },
    hotplug: async (vmid, change) => orHostError(hotplug(vmid, change, await startedRoot(vmid), settings)),
    exec: execIn(environment),
    push: pushFile,
    pull: pullFile,
    mount: mountOnHost,
    unmount: async (vmid) => {
      await runCommand(['umount', '--recursive', hostMountPoint(vmid)]);
    },
    usage: mountUsage,
    forget: async (vmid) => {
      await runCommand(['umount', '--recursive', hostMountPoint(vmid)]);
      await unstage(vmid);
      await removeDevices(vmid);
      // Whatever is still mounted there is somebody's data: only what belongs to this filesystem goes.
      await orHostError(mustRun(['rm', '-rf', '--one-file-system', '--', `/var/lib/lxc/${vmid}`]));
      await rm(`/var/log/lxc-${vmid}.log`, { force: true });
    },
  };
}

/** The root filesystem and id map that a running container was started with. */
async function startedRoot(vmid: GuestId): Promise<GuestRoot> {
  const text = await readFile(`/var/lib/lxc/${vmid}/config`, 'utf8').catch(() => '');
  const path = /^lxc\.rootfs\.path = dir:(.+)$/m.exec(text)?.[1];
  if (path === undefined) throw new HostError(`CT ${vmid} not running`);
  const raw = [...text.matchAll(/^(lxc\.idmap)\s*[=:]\s*(.+)$/gm)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  );
  return { path, idMap: effectiveIdMap({ unprivileged: raw.length > 0, raw }) };
}

async function waitUntilStopped(vmid: GuestId, timeoutMs: number): Promise<void> {
  for (let waited = 0; waited < timeoutMs; waited += 20) {
    if (!(await runningContainers()).has(vmid)) return;
    await sleep(20);
  }
  throw new HostError(`container ${vmid} does not stop`);
}

async function mountOnHost(launch: Launch): Promise<string> {
  const target = hostMountPoint(launch.vmid);
  await mkdir(target, { recursive: true });
  for (const mount of launch.mounts) {
    const { path } = await mountSource(mount);
    await orHostError(mustRun(['mount', '--bind', path, join(target, mount.path)]));
  }
  return target;
}

async function mountUsage(_launch: Launch, mount: Mount): Promise<Usage> {
  if (mount.source.kind === 'volume') return hostVolumes().usage(mount.source.volume);
  const { blocks, bfree, bavail, bsize } = await statfs(mount.source.path);
  return {
    totalBytes: blocks * bsize,
    usedBytes: (blocks - bfree) * bsize,
    availableBytes: bavail * bsize,
  };
}

function hostMountPoint(vmid: GuestId): string {
  return `/var/lib/lxc/${vmid}/rootfs`;
}

async function orHostError<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new HostError(error instanceof Error ? error.message : String(error));
  }
}
