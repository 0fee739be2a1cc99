import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import { loadStorages, type StorageConfig } from '../storage/config.ts';
import { applyPending } from './apply-pending.ts';
import { loadConfig, lockConfig, writeConfig, type Config } from './config.ts';
import { checkHookScript } from './hook-script.ts';
import { launchOf } from './launch.ts';
import { checkLock } from './locks.ts';
import { refreshLxcConfig } from './lxc-config.ts';
import { activateVolumes } from './activate-volumes.ts';
import { mountsOf } from './volumes.ts';

/** Is a container running? */
export async function isRunning(session: Session, vmid: GuestId): Promise<boolean> {
  return (await session.host.guests.find(vmid)) !== undefined;
}

/** Starts a container under its config lock: pending changes become real first. */
export async function startContainer(
  session: Session,
  vmid: GuestId,
  options: { readonly skipLock: boolean },
): Promise<void> {
  await lockConfig(session, vmid, async () => {
    const config = await loadConfig(session, vmid);
    if (config.head.keys.get('template') === '1')
      throw new ToolError("you can't start a CT if it's a template");
    if (!options.skipLock && config.head.keys.get('lock') !== 'mounted') checkLock(config);
    const hasQuota = mountsOf(config.head).some((mount) => mount.fields.get('quota') === '1');
    if (config.head.keys.get('unprivileged') === '1' && hasQuota) {
      throw new ToolError('Quotas are not supported by unprivileged containers.');
    }
    await launch(session, vmid, config);
  });
}

/** Applies what is pending and starts; the caller holds the lock and has checked. */
export async function launch(session: Session, vmid: GuestId, found: Config): Promise<void> {
  const storages = await loadStorages(session);
  let config = found;
  if (config.pending.keys.size > 0 || config.pending.raw.length > 0) {
    await applyPending(session, vmid, config, storages);
    await writeConfig(session, vmid, config);
    config = await loadConfig(session, vmid);
  }
  await refreshLxcConfig(session, vmid, config.head);
  await activateVolumes(session, storages, config.head);
  await refuseMissingHook(session, storages, vmid, config);
  try {
    await session.host.guests.start(launchOf(vmid, config.head, storages));
  } catch (error) {
    if (isComplaint(error) && error.message.startsWith('startup for container')) throw error;
    throw isComplaint(error) ? new ToolError(`startup for container '${vmid}' failed`) : error;
  }
}

/** A start goes no further where its hook script is gone. */
async function refuseMissingHook(
  session: Session,
  storages: StorageConfig,
  vmid: GuestId,
  config: Config,
): Promise<void> {
  const script = config.head.keys.get('hookscript');
  if (script === undefined) return;
  try {
    await checkHookScript(session, storages, script);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    throw new ToolError(`hookscript error for ${vmid} on pre-start: ${messageOf(error)}\n`);
  }
}
