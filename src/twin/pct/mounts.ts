import type { Command } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import { loadConfig, lockConfig, type Config } from '../container/config.ts';
import { launchOf } from '../container/launch.ts';
import { removeLock, setLock } from '../container/locks.ts';
import { isRunning } from '../container/power.ts';
import { parseVolume } from '../container/volumes.ts';
import { loadStorages } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { locate } from '../storage/volumes.ts';

/** `pct mount`: the container's files on the host, and a lock that lets it only start and stop. */
export const mount: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const folder = await lockConfig(session, vmid, async () => {
      const config = await setLock(session, vmid, 'mounted');
      return session.host.guests.mount(launchOf(vmid, config.head, await loadStorages(session)));
    });
    session.print(`mounted CT ${vmid} in '${folder}'\n`);
  },
};

export const unmount: Command = {
  run: (session, parameters) =>
    lockConfig(session, parameters.vmid, async () => {
      await loadConfig(session, parameters.vmid);
      await session.host.guests.unmount(parameters.vmid);
      await removeLock(session, parameters.vmid, 'mounted');
    }),
};

/** `pct df`: what each mount point holds; a stopped container is mounted for it. */
export const df: Command = {
  run: (session, parameters) =>
    lockConfig(session, parameters.vmid, async () => {
      const { vmid } = parameters;
      const isStopped = !(await isRunning(session, vmid));
      const config = isStopped ? await setLock(session, vmid, 'mounted') : await loadConfig(session, vmid);
      const launch = launchOf(vmid, config.head, await loadStorages(session));
      if (isStopped) await session.host.guests.mount(launch);
      try {
        await printUsage(session, launch);
      } catch (error) {
        if (!isComplaint(error)) throw error;
        session.warn(messageOf(error));
      }
      if (!isStopped) return;
      await session.host.guests.unmount(vmid);
      await removeLock(session, vmid, 'mounted');
    }),
};

/** `pct fsck`: only for a stopped container's raw volumes. */
export const fsck: Command = {
  run: (session, parameters) =>
    lockConfig(session, parameters.vmid, async () => {
      const { vmid } = parameters;
      const config = await loadConfig(session, vmid);
      const device = parameters.text('device') ?? 'rootfs';
      const path = await checkedPath(session, vmid, config, device);
      session.print(`fsck from util-linux 2.38.1\n${path}: clean\n`);
    }),
};

/** `pct fstrim`: all mount points but folders of the host and read-only ones. */
export const fstrim: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const config = await setLock(session, vmid, 'fstrim');
    const launch = launchOf(vmid, config.head, await loadStorages(session));
    const folder = await session.host.guests.mount(launch);
    for (const found of launch.mounts) {
      if (found.source.kind === 'bind' || found.readOnly) continue;
      if (parameters.flag('ignore-mountpoints') && found.key !== 'rootfs') continue;
      session.print(`${folder}${found.path}: 0 B (0 bytes) trimmed\n`);
    }
    await session.host.guests.unmount(vmid);
    await removeLock(session, vmid, 'fstrim');
  },
};

async function checkedPath(session: Session, vmid: number, config: Config, device: string): Promise<string> {
  const value = config.head.keys.get(device);
  if (value === undefined) throw new ToolError(`cannot run command on non-existing mount point ${device}`);
  const found = parseVolume(device, value);
  if (await isRunning(session, vmid)) throw new ToolError('cannot run fsck when container is running');
  if (found.kind !== 'volume') throw new ToolError(`path '${found.volume}' does not point to a block device`);
  const { storage, name, parsed } = locate(await loadStorages(session), found.volume);
  if (parsed.format !== 'raw')
    throw new ToolError(`unable to run fsck for '${found.volume}' (format == ${parsed.format})`);
  return pathOf(storage, name);
}

async function printUsage(session: Session, launch: ReturnType<typeof launchOf>): Promise<void> {
  const rows = [['MP', 'Volume', 'Size', 'Used', 'Avail', 'Use%', 'Path']];
  for (const found of launch.mounts) {
    const usage = await session.host.guests.usage(launch, found);
    const percent = ((100 * usage.usedBytes) / usage.totalBytes).toFixed(1);
    const sizes = [usage.totalBytes, usage.usedBytes, usage.availableBytes].map(shorten);
    rows.push([found.key, found.fields['volume'] ?? '', ...sizes, percent, found.path]);
  }
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 2 ? cell.padEnd(width) : cell.padStart(width);
    });
    session.print(`${cells.join(' ')}\n`);
  }
}

function shorten(bytes: number): string {
  let value = bytes;
  for (const unit of ['', 'K', 'M', 'G']) {
    if (value < 1024) return unit === '' ? String(value) : `${value.toFixed(1)}${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)}T`;
}
