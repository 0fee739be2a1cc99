import type { GuestId } from '../../model/target.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, type Session } from '../call/session.ts';
import { activate, loadStorages } from '../storage/config.ts';
import { locate, sizeOfVolume } from '../storage/volumes.ts';
import { applyMachinePending } from './apply-pending.ts';
import { applyCloudInit } from './cloud-init-drive.ts';
import {
  findMachine,
  isTemplate,
  loadMachine,
  lockMachine,
  writeMachine,
  type MachineConfig,
} from './config.ts';
import { drivesOf, isPlainCdrom } from './drives.ts';
import { machineLaunchOf } from './launch.ts';
import { checkMachineLock } from './locks.ts';
import { isMachineRunning, machinesOf } from './machines.ts';

/** Starts a VM under its config lock: pending changes become real first, its Cloud-Init drive is made anew. */
export async function startMachine(
  session: Session,
  vmid: GuestId,
  options: { readonly skipLock: boolean },
): Promise<void> {
  await lockMachine(session, vmid, async () => {
    const config = await loadMachine(session, vmid);
    if (isTemplate(config)) throw new ToolError("you can't start a vm if it's a template");
    const isSuspended = config.head.keys.get('lock') === 'suspended';
    if (!options.skipLock && !isSuspended) checkMachineLock(config);
    if (await isMachineRunning(session, vmid)) throw new ToolError(`VM ${vmid} already running`);
    await launchMachine(session, vmid, config);
  });
}

/** Applies what is pending and starts; the caller holds the lock and has checked. */
export async function launchMachine(session: Session, vmid: GuestId, found: MachineConfig): Promise<void> {
  const storages = await loadStorages(session);
  let config = found;
  const isResumed = config.head.keys.has('vmstate');
  if (!isResumed && config.pending.keys.size > 0) {
    await applyMachinePending(session, vmid, config, storages);
    config = await loadMachine(session, vmid);
  }
  await applyCloudInit(session, vmid, config);
  if (isResumed) session.print('Resuming suspended VM\n');
  for (const drive of drivesOf(config.head)) {
    if (isPlainCdrom(drive) || drive.file === 'none' || drive.file.startsWith('/')) continue;
    await activate(session, storages, locate(storages, drive.file).storage.id);
    if ((await sizeOfVolume(session, storages, drive.file)) === undefined) {
      throw new ToolError(`volume '${drive.file}' does not exist`);
    }
  }
  const launch = machineLaunchOf(vmid, config.head, storages);
  const machines = machinesOf(session);
  const cpus = await session.host.cpuCount();
  if (launch.vcpus > cpus && machines.givesWhatThereIs !== true)
    throw new ToolError(`MAX ${cpus} vcpus allowed per VM on this node`);
  try {
    for (const notice of await machines.start(launch)) session.fail(`${notice}\n`);
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.print(`${messageOf(error)}\n`);
    throw new ToolError('start failed: QEMU exited with code 1');
  }
}

export type StopOptions = {
  readonly skipLock: boolean;
  /** Is the system inside asked to end, or ended? */
  readonly asks: boolean;
  readonly timeoutMs: number | undefined;
  /** Is it ended where it does not end by itself in time? */
  readonly force: boolean;
};

/** Stops a VM under its config lock; what is pending becomes real then. Fine where it does not run. */
export async function stopMachine(session: Session, vmid: GuestId, options: StopOptions): Promise<void> {
  await lockMachine(session, vmid, () => stopLocked(session, vmid, options));
}

/** The same for a caller that holds the lock. */
export async function stopLocked(session: Session, vmid: GuestId, options: StopOptions): Promise<void> {
  const machines = machinesOf(session);
  await refuseMissing(session, vmid);
  if ((await machines.find(vmid)) === undefined) return;
  const config = await loadMachine(session, vmid);
  if (!options.skipLock) checkMachineLock(config);
  const down = /(?:^|,)down=(\d+)/.exec(config.head.keys.get('startup') ?? '')?.[1];
  if (options.asks) {
    const timeoutMs = options.timeoutMs ?? Number(down ?? 60) * 1000;
    if (!(await machines.shutdown(vmid, timeoutMs))) {
      if (!options.force) throw new ToolError('VM quit/powerdown failed - got timeout');
      session.warn('VM still running - terminating now with SIGTERM');
      await machines.stop(vmid);
    }
  } else await machines.stop(vmid);
  await cleanUp(session, vmid);
}

/** Refuses a VM that this node does not have, as all do that look for its process first. */
export async function refuseMissing(session: Session, vmid: GuestId): Promise<void> {
  if ((await findMachine(session, vmid)) === undefined) {
    throw new ToolError(
      `unable to find configuration file for VM ${vmid} on node '${session.host.nodeName}'`,
    );
  }
}

async function cleanUp(session: Session, vmid: GuestId): Promise<void> {
  const config = await loadMachine(session, vmid);
  if (config.pending.keys.size === 0) return;
  await applyMachinePending(session, vmid, config, await loadStorages(session));
  await writeMachine(session, vmid, await loadMachine(session, vmid));
}
