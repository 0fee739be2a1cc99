import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { readSize } from '../call/sizes.ts';
import { loadConfig, lockConfig, writeConfig, type Config } from '../container/config.ts';
import { refuseModified } from '../container/digest.ts';
import { checkLock } from '../container/locks.ts';
import { isRunning } from '../container/power.ts';
import { parseVolume, printVolume, type GuestVolume } from '../container/volumes.ts';
import { activate, loadStorages, pluginOf, type StorageConfig } from '../storage/config.ts';
import { pathOf } from '../storage/names.ts';
import { locate, refOfVolume, sizeOfVolume, type Located } from '../storage/volumes.ts';

/** `pct resize`: to a size, or by one with `+`; never smaller. */
export const resize: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const storages = await loadStorages(session);
    await check(session, storages, parameters);
    await runWorker(session, 'resize', vmid, () =>
      lockConfig(session, vmid, () => grow(session, storages, parameters)),
    );
  },
};

type Plan = { config: Config; mount: GuestVolume; located: Located; sizeBytes: number };

async function check(session: Session, storages: StorageConfig, parameters: Parameters): Promise<Plan> {
  const { vmid } = parameters;
  const config = await loadConfig(session, vmid);
  checkLock(config);
  refuseModified(parameters.text('digest'), config.digest);
  const disk = parameters.demand('disk');
  const mount = parseVolume(disk, config.head.keys.get(disk) ?? '');
  const located = locate(storages, mount.volume);
  if (located.parsed.vmid !== vmid) {
    throw new ToolError(
      `can't resize mount point owned by another container (${located.parsed.vmid}) at /usr/share/perl5/PVE/API2/LXC.pm line 2000.`,
    );
  }
  await activate(session, storages, located.storage.id);
  session.errno = 0;
  const size = (await sizeOfVolume(session, storages, mount.volume))?.sizeBytes;
  if (size === undefined) throw new ToolError(`volume '${mount.volume}' does not exist`);
  const text = parameters.demand('size');
  const asked = readSize(text.replace(/^\+/, '')) ?? 0;
  const sizeBytes = text.startsWith('+') ? size + asked : asked;
  if (sizeBytes < size) throw new ToolError('unable to shrink disk size');
  if (sizeBytes === size) throw new ToolError('disk is already at specified size');
  return { config, mount, located, sizeBytes };
}

function refuseFormat({ storage, parsed }: Located): void {
  if (pluginOf(storage).naming !== 'files' || /^(raw|qcow2)$/.test(parsed.format)) return;
  if (storage.type === 'btrfs' && parsed.format === 'subvol') {
    throw new ToolError('cannot resize subvolume - btrfs quotas are currently not supported');
  }
  throw new ToolError("can't resize this image format");
}

async function grow(session: Session, storages: StorageConfig, parameters: Parameters): Promise<void> {
  const { config, mount, located, sizeBytes } = await check(session, storages, parameters);
  const isFile = pluginOf(located.storage).naming === 'files';
  refuseFormat(located);
  await session.host.volumes.resize(refOfVolume(located), sizeBytes);
  if (isFile) session.print('Image resized.\n');
  mount.sizeBytes = sizeBytes;
  config.head.keys.set(mount.key, printVolume(mount));
  await writeConfig(session, parameters.vmid, config);
  if (located.parsed.format !== 'raw') return;
  const path = pathOf(located.storage, located.name);
  const blocks = Math.floor(sizeBytes / 4096);
  if (!(await isRunning(session, parameters.vmid))) {
    session.print('e2fsck 1.47.0 (5-Feb-2023)\nPass 1: Checking inodes, blocks, and sizes\n');
  }
  session.print(
    `resize2fs 1.47.0 (5-Feb-2023)\nThe filesystem on ${path} is now ${blocks} (4k) blocks long.\n\n`,
  );
}
