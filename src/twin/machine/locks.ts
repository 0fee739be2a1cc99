import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import type { Session } from '../call/session.ts';
import { refuseTakenId } from '../container/ids.ts';
import { emptyMachine, loadMachine, lockMachine, writeMachine, type MachineConfig } from './config.ts';

/** Refuses a VM that carries a `lock:` key. */
export function checkMachineLock(config: MachineConfig): void {
  const lock = config.head.keys.get('lock');
  if (lock !== undefined) throw new ToolError(`VM is locked (${lock})`);
}

/** Refuses where protection is on; `what` begins the message. */
export function checkMachineProtection(config: MachineConfig, what: string): void {
  if (config.head.keys.get('protection') === '1') throw new ToolError(`${what} - protection mode enabled`);
}

/** Refuses to change a file that is not the one whose digest the caller knows. */
export function refuseOtherDigest(expected: string | undefined, found: string): void {
  if (expected !== undefined && expected !== '' && expected !== found) {
    throw new ToolError('checksum mismatch (file change by other user?)');
  }
}

/** Writes a `lock:` key into a VM that has none; gives its configuration. */
export async function setMachineLock(session: Session, vmid: GuestId, lock: string): Promise<MachineConfig> {
  return lockMachine(session, vmid, async () => {
    const config = await loadMachine(session, vmid);
    checkMachineLock(config);
    config.head.keys.set('lock', lock);
    await writeMachine(session, vmid, config);
    return config;
  });
}

/** Makes the configuration of a new VM with nothing but a `lock: create` in it. */
export async function createLockedMachine(session: Session, vmid: GuestId): Promise<void> {
  await lockMachine(
    session,
    vmid,
    async () => {
      await refuseTakenId(session, vmid);
      const config = emptyMachine();
      config.head.keys.set('lock', 'create');
      await writeMachine(session, vmid, config);
    },
    5_000,
  );
}
