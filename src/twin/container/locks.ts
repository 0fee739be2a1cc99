import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { emptyConfig, findConfig, loadConfig, lockConfig, writeConfig, type Config } from './config.ts';
import { refuseTakenId } from './ids.ts';

/** Refuses a container that carries a `lock:` key. */
export function checkLock(config: Config): void {
  const lock = config.head.keys.get('lock');
  if (lock !== undefined) throw new ToolError(`CT is locked (${lock})`);
}

/** Refuses where protection is on; `what` begins the message. */
export function checkProtection(config: Config, what: string): void {
  if (config.head.keys.get('protection') === '1') throw new ToolError(`${what} - protection mode enabled`);
}

/** Writes a `lock:` key into a container that has none; gives its configuration. */
export async function setLock(session: Session, vmid: GuestId, lock: string): Promise<Config> {
  return lockConfig(session, vmid, async () => {
    const config = await loadConfig(session, vmid);
    checkLock(config);
    config.head.keys.set('lock', lock);
    await writeConfig(session, vmid, config);
    return config;
  });
}

/** Takes a `lock:` key away; the one named, or whichever there is. */
export async function removeLock(session: Session, vmid: GuestId, lock?: string): Promise<void> {
  await lockConfig(session, vmid, async () => {
    const config = await loadConfig(session, vmid);
    const found = config.head.keys.get('lock');
    if (found === undefined) {
      throw new ToolError(`no lock found trying to remove ${lock === undefined ? 'any' : `'${lock}' `} lock`);
    }
    if (lock !== undefined && found !== lock) {
      throw new ToolError(`found lock '${found}' trying to remove '${lock}' lock`);
    }
    config.head.keys.delete('lock');
    await writeConfig(session, vmid, config);
  });
}

/** Makes the configuration of a new container with nothing but a `lock: create` in it. */
export async function createLocked(session: Session, vmid: GuestId, allowExisting: boolean): Promise<void> {
  await lockConfig(
    session,
    vmid,
    async () => {
      await refuseTakenId(session, vmid, allowExisting);
      const config = (await findConfig(session, vmid)) ?? emptyConfig();
      checkLock(config);
      config.head.keys.set('lock', 'create');
      await writeConfig(session, vmid, config);
    },
    5_000,
  );
}
