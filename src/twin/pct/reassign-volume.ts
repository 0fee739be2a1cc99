import type { Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { loadConfig, lockConfig, writeConfig, type Config } from '../container/config.ts';
import { refuseModified } from '../container/digest.ts';
import { findGuest } from '../container/ids.ts';
import { checkLock } from '../container/locks.ts';
import { refreshLxcConfig } from '../container/lxc-config.ts';
import { isRunning } from '../container/power.ts';
import { isTemplate } from '../container/snapshot-config.ts';
import { updateConfig } from '../container/update.ts';
import { isInSnapshot, parseVolume, printVolume, type GuestVolume } from '../container/volumes.ts';
import { loadStorages, pluginOf, refOf } from '../storage/config.ts';
import { locate, volumeHas } from '../storage/volumes.ts';
import { nextName } from '../storage/names.ts';

/** Gives a volume of one container to another: it is renamed, its entry moves. */
export async function reassignVolume(
  session: Session,
  parameters: Parameters,
  target: number,
): Promise<void> {
  const { vmid } = parameters;
  const key = parameters.demand('volume');
  const targetKey = parameters.text('target-volume') ?? key;
  await check(session, parameters, target, key, targetKey);
  await runWorker(session, 'move_volume', `${vmid}-${key}>${target}-${targetKey}`, () =>
    lockConfig(session, vmid, () =>
      lockConfig(session, target, async () => {
        const found = await check(session, parameters, target, key, targetKey);
        session.print(`moving volume '${key}' from container '${vmid}' to '${target}'\n`);
        const volume = await rename(session, found.mount.volume, target);
        found.source.head.keys.delete(key);
        session.print(`removing volume '${key}' from container '${vmid}' config\n`);
        await writeConfig(session, vmid, found.source);
        await attach(session, target, targetKey, { ...found.mount, key: targetKey, volume });
        session.print(`target container '${target}' updated with '${targetKey}'\n`);
      }),
    ),
  );
}

async function check(
  session: Session,
  parameters: Parameters,
  targetVmid: number,
  key: string,
  targetKey: string,
): Promise<{ source: Config; mount: GuestVolume }> {
  const { vmid } = parameters;
  const isUnused = (name: string): boolean => /^unused\d+$/.test(name);
  if (key === 'rootfs' || targetKey === 'rootfs') throw new ToolError("Cannot move to/from 'rootfs'");
  if (isUnused(key) && !isUnused(targetKey))
    throw new ToolError('Moving an unused volume to a used one is not possible');
  const nodes: string[] = [];
  for (const id of [vmid, targetVmid]) {
    const found = await findGuest(session, id);
    if (found === undefined) throw new ToolError(`could not find CT ${id}`);
    nodes.push(found.node);
  }
  if (nodes[0] !== nodes[1]) {
    throw new ToolError(`Both containers need to be on the same node (${nodes.join(' != ')})`);
  }
  const [source, target] = [await loadConfig(session, vmid), await loadConfig(session, targetVmid)];
  checkLock(source);
  checkLock(target);
  if (isTemplate(source) || isTemplate(target))
    throw new ToolError("Can't move volumes from or to template CT");
  refuseModified(parameters.text('digest'), source.digest, `Container ${vmid}: `);
  refuseModified(parameters.text('target-digest'), target.digest, `Container ${targetVmid}: `);
  const value = source.head.keys.get(key);
  if (value === undefined) throw new ToolError(`volume '${key}' for container '${vmid}' does not exist`);
  if (target.head.keys.has(targetKey)) {
    throw new ToolError(`Target volume key '${targetKey}' is already in use for container '${targetVmid}'`);
  }
  const mount = parseVolume(key, value);
  if (isInSnapshot(source, mount.volume)) {
    throw new ToolError('Cannot move volume used by a snapshot to another container');
  }
  // Paths of the host are no volumes that a storage could rename, so they end here as well.
  if (mount.kind !== 'volume' || !volumeHas(locate(await loadStorages(session), mount.volume), 'rename')) {
    throw new ToolError('Storage does not support moving of this disk to another container');
  }
  if (!isUnused(key) && (await isRunning(session, vmid))) {
    throw new ToolError(
      'Cannot move in-use volume while the source CT is running - detach or shutdown first',
    );
  }
  return { source, mount };
}

async function rename(session: Session, volume: string, target: number): Promise<string> {
  const { storage, name, parsed } = locate(await loadStorages(session), volume);
  const ref = refOf(storage);
  const taken = (await session.host.volumes.list(ref, target)).map((found) => found.name);
  const own = nextName(storage, target, parsed.format, taken);
  const base = parsed.base === undefined || pluginOf(storage).naming === 'lvm' ? '' : `${parsed.base}/`;
  await session.host.volumes.rename({ storage: ref, name }, `${base}${own}`, target);
  return `${storage.id}:${base}${own}`;
}

async function attach(session: Session, target: number, key: string, mount: GuestVolume): Promise<void> {
  const config = await loadConfig(session, target);
  if (/^unused\d+$/.test(key)) config.head.keys.set(key, mount.volume);
  else {
    const values = new Map([[key, printVolume(mount)]]);
    const update = { values, deletes: [], reverts: [] };
    const errors = await updateConfig(session, target, config, await isRunning(session, target), update);
    for (const message of errors.values()) session.warn(message);
  }
  await writeConfig(session, target, config);
  if (!/^unused\d+$/.test(key)) await refreshLxcConfig(session, target, config.head);
}
