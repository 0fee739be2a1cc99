import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { isComplaint, messageOf, runWorker, type Session } from '../call/session.ts';
import { complainOnly } from '../container/disks.ts';
import {
  destroyMachineConfig,
  emptyMachine,
  isTemplate,
  loadMachine,
  lockMachine,
  writeMachine,
  type MachineConfig,
} from '../machine/config.ts';
import { drivesOf, isPlainCdrom, unusedDrivesOf } from '../machine/drives.ts';
import { checkMachineLock, checkMachineProtection } from '../machine/locks.ts';
import { isMachineRunning, machinesOf } from '../machine/machines.ts';
import { isOwner } from '../machine/unused.ts';
import { contentsOf, loadStorages, refOf, type StorageConfig } from '../storage/config.ts';
import { freeVolume, isBaseInUse, locate } from '../storage/volumes.ts';

/** `qm destroy`: the VM's own volumes, its configuration, its firewall file. */
export const destroy: Command = {
  waits: true,
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await check(session, parameters);
    await runWorker(session, 'qmdestroy', vmid, () =>
      lockMachine(session, vmid, () => remove(session, parameters)),
    );
  },
};

async function check(session: Session, parameters: Parameters): Promise<MachineConfig> {
  const { vmid } = parameters;
  const config = await loadMachine(session, vmid);
  checkMachineProtection(config, `can't remove VM ${vmid}`);
  if (await isMachineRunning(session, vmid)) {
    throw new ToolError(`VM ${vmid} is running - destroy failed`, ENOTTY);
  }
  return config;
}

/** Inappropriate ioctl for device: what looking at the VM's process leaves behind. */
const ENOTTY = 25;

async function remove(session: Session, parameters: Parameters): Promise<void> {
  const { vmid } = parameters;
  const config = await check(session, parameters);
  const isSuspended = config.head.keys.get('lock') === 'suspended';
  if (!parameters.flag('skiplock') && !isSuspended) checkMachineLock(config);
  const storages = await loadStorages(session);
  if (isTemplate(config)) await refuseUsedBases(session, storages, config);
  await freeOwned(session, storages, vmid, config);
  if (parameters.flag('destroy-unreferenced-disks')) await freeStrays(session, storages, vmid);
  await machinesOf(session).forget(vmid);
  const husk = emptyMachine();
  husk.head.keys.set('lock', 'destroyed');
  await writeMachine(session, vmid, husk);
  await session.host.files.remove(`/etc/pve/firewall/${vmid}.fw`);
  if (parameters.flag('purge')) session.print(`purging VM ${vmid} from related configurations..\n`);
  await destroyMachineConfig(session, vmid);
}

async function refuseUsedBases(
  session: Session,
  storages: StorageConfig,
  config: MachineConfig,
): Promise<void> {
  for (const { file } of [...drivesOf(config.head), ...unusedDrivesOf(config.head)]) {
    if (file.startsWith('/') || file === 'none' || file === 'cdrom') continue;
    const located = locate(storages, file);
    if (located.parsed.isBase && (await isBaseInUse(session, located))) {
      throw new ToolError(`base volume '${file}' is still in use by linked cloned`);
    }
  }
}

async function freeOwned(
  session: Session,
  storages: StorageConfig,
  vmid: number,
  config: MachineConfig,
): Promise<void> {
  const drives = [config.head, config.pending].flatMap((section) => [
    ...drivesOf(section),
    ...unusedDrivesOf(section),
  ]);
  const states = [config.head, ...config.snapshots.values()].flatMap(
    (section) => section.keys.get('vmstate') ?? [],
  );
  const files = drives.filter((drive) => !isPlainCdrom(drive)).map((drive) => drive.file);
  for (const file of new Set([...files, ...states])) {
    if (!isOwner(storages, vmid, file)) continue;
    try {
      await freeVolume(session, storages, file);
    } catch (error) {
      if (!isComplaint(error)) throw error;
      session.warn(`Could not remove disk '${file}', check manually: ${messageOf(error)}`);
    }
  }
}

async function freeStrays(session: Session, storages: StorageConfig, vmid: number): Promise<void> {
  for (const storage of storages.values()) {
    if (!contentsOf(storage).has('images') || storage.options.get('disable') === '1') continue;
    for (const volume of await session.host.volumes.list(refOf(storage), vmid)) {
      await complainOnly(session, () => freeVolume(session, storages, `${storage.id}:${volume.name}`));
    }
  }
}
