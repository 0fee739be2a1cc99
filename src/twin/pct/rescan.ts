import type { Command } from '../call/command.ts';
import type { Session } from '../call/session.ts';
import { loadConfig, lockConfig, writeConfig, type Config } from '../container/config.ts';
import { listContainers } from '../container/ids.ts';
import { checkLock } from '../container/locks.ts';
import { addUnused, isMounted, mountsOf, printVolume } from '../container/volumes.ts';
import { contentsOf, isEnabled, loadStorages, refOf } from '../storage/config.ts';

/** `pct rescan`: sizes in the configurations become those of the volumes; strays become unused volumes. */
export const rescan: Command = {
  run: async (session, parameters) => {
    if (parameters.flag('dryrun')) session.print("NOTE: running in dry-run mode, won't write changes out!\n");
    session.print('rescan volumes...\n');
    const vmids = parameters.text('vmid') === undefined ? await listContainers(session) : [parameters.vmid];
    for (const vmid of vmids) {
      await lockConfig(session, vmid, () => rescanOne(session, vmid, parameters.flag('dryrun')));
    }
  },
};

async function rescanOne(session: Session, vmid: number, isDry: boolean): Promise<void> {
  const config = await loadConfig(session, vmid);
  checkLock(config);
  const sizes = await sizesOf(session, vmid);
  const hasStrays = keepStrays(session, vmid, config, sizes);
  const hasSizes = correctSizes(session, vmid, config, sizes);
  if ((hasStrays || hasSizes) && !isDry) await writeConfig(session, vmid, config);
}

async function sizesOf(session: Session, vmid: number): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const storage of (await loadStorages(session)).values()) {
    if (!isEnabled(session, storage) || !contentsOf(storage).has('rootdir')) continue;
    for (const volume of await session.host.volumes.list(refOf(storage), vmid)) {
      // Volumes without a size are passed over, so strays among subvolumes stay strays.
      if (volume.sizeBytes > 0) sizes.set(`${storage.id}:${volume.name}`, volume.sizeBytes);
    }
  }
  return sizes;
}

function keepStrays(
  session: Session,
  vmid: number,
  config: Config,
  sizes: ReadonlyMap<string, number>,
): boolean {
  let hasChanged = false;
  for (const volume of sizes.keys()) {
    if (isMounted(config.head, volume)) continue;
    const key = addUnused(config.head, volume);
    if (key === undefined) continue;
    hasChanged = true;
    session.print(`CT ${vmid}: add unreferenced volume '${volume}' as '${key}' to config.\n`);
  }
  return hasChanged;
}

function correctSizes(
  session: Session,
  vmid: number,
  config: Config,
  sizes: ReadonlyMap<string, number>,
): boolean {
  let hasChanged = false;
  for (const mount of mountsOf(config.head)) {
    const size = sizes.get(mount.volume) ?? 0;
    if (mount.sizeBytes === size) continue;
    hasChanged = true;
    session.print(`CT ${vmid}: updated volume size of '${mount.volume}' in config.\n`);
    mount.sizeBytes = size;
    config.head.keys.set(mount.key, printVolume(mount));
  }
  return hasChanged;
}
