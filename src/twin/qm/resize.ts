import type { Command, Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { readSize } from '../call/sizes.ts';
import { loadMachine, lockMachine, writeMachine } from '../machine/config.ts';
import { isCdrom, parseDrive, printDrive } from '../machine/drives.ts';
import { checkMachineLock, refuseOtherDigest } from '../machine/locks.ts';
import { hostDrive } from '../machine/launch.ts';
import { isMachineRunning, machinesOf } from '../machine/machines.ts';
import { activate, loadStorages, pluginOf } from '../storage/config.ts';
import { locate, refOfVolume, sizeOfVolume } from '../storage/volumes.ts';

/** `qm disk resize`: to a size, or by one with `+`; never smaller. The tool exits with 0 whatever came of it. */
export const resize: Command = {
  run: (session, parameters) =>
    runWorker(session, 'resize', parameters.vmid, () =>
      lockMachine(session, parameters.vmid, () => grow(session, parameters)),
    ),
};

async function grow(session: Session, parameters: Parameters): Promise<void> {
  const { vmid } = parameters;
  const storages = await loadStorages(session);
  const config = await loadMachine(session, vmid);
  refuseOtherDigest(parameters.text('digest'), config.digest);
  if (!parameters.flag('skiplock')) checkMachineLock(config);
  const key = parameters.demand('disk');
  const value = config.head.keys.get(key);
  if (value === undefined) throw new ToolError(`disk '${key}' does not exist`);
  const drive = parseDrive(key, value);
  if (isCdrom(drive)) throw new ToolError("you can't resize a cdrom");
  const located = locate(storages, drive.file);
  await activate(session, storages, located.storage.id);
  const size = (await sizeOfVolume(session, storages, drive.file))?.sizeBytes;
  if (size === undefined) throw new ToolError(`Could not determine current size of volume '${drive.file}'`);
  const text = parameters.demand('size');
  const asked = readSize(text.replace(/^\+/, '')) ?? 0;
  const sizeBytes = text.startsWith('+') ? size + asked : asked;
  if (sizeBytes < size) throw new ToolError('shrinking disks is not supported');
  if (sizeBytes === size) return;
  await session.host.volumes.resize(refOfVolume(located), sizeBytes);
  drive.sizeBytes = sizeBytes;
  const resized = printDrive(drive);
  if (await isMachineRunning(session, vmid)) {
    await machinesOf(session).hotplug(vmid, {
      kind: 'change',
      key,
      value: resized,
      drive: hostDrive(drive, storages),
    });
  } else if (pluginOf(located.storage).naming === 'files') session.print('Image resized.\n');
  config.head.keys.set(key, resized);
  await writeMachine(session, vmid, config);
}
