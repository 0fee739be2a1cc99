import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { isTemplate, loadMachine, lockMachine, writeMachine, type MachineConfig } from '../machine/config.ts';
import { drivesOf, isCdrom, printDrive } from '../machine/drives.ts';
import { diskHas } from '../machine/linked-clone.ts';
import { checkMachineLock } from '../machine/locks.ts';
import { isMachineRunning } from '../machine/machines.ts';
import { loadStorages } from '../storage/config.ts';
import { locate, makeBase } from '../storage/volumes.ts';

/** `qm template`: disks become bases. The tool does not wait for its task to have gone well. */
export const template: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    await check(session, parameters);
    await runWorker(session, 'qmtemplate', vmid, () =>
      lockMachine(session, vmid, async () => {
        const config = await check(session, parameters);
        config.head.keys.set('template', '1');
        await writeMachine(session, vmid, config);
        await makeBases(session, vmid, config, parameters.text('disk'));
      }),
    );
  },
};

/** Turns the disks of a VM, or one of them, into bases; the configuration is written after each. */
export async function makeBases(
  session: Session,
  vmid: number,
  config: MachineConfig,
  only: string | undefined,
): Promise<void> {
  const storages = await loadStorages(session);
  for (const drive of drivesOf(config.head)) {
    if (isCdrom(drive) || drive.file.startsWith('/') || (only !== undefined && drive.key !== only)) continue;
    if (!diskHas(locate(storages, drive.file), 'template')) continue;
    drive.file = await makeBase(session, storages, drive.file);
    config.head.keys.set(drive.key, printDrive(drive));
    await writeMachine(session, vmid, config);
  }
}

async function check(session: Session, parameters: Parameters): Promise<MachineConfig> {
  const config = await loadMachine(session, parameters.vmid);
  checkMachineLock(config);
  if (config.snapshots.size > 0) {
    throw new ToolError('unable to create template, because VM contains snapshots');
  }
  if (isTemplate(config) && parameters.text('disk') === undefined) {
    throw new ToolError("you can't convert a template to a template");
  }
  if (await isMachineRunning(session, parameters.vmid)) {
    throw new ToolError("you can't convert a VM to template if VM is running", ENOTTY);
  }
  return config;
}

/** Inappropriate ioctl for device: what looking at the VM's process leaves behind. */
const ENOTTY = 25;
