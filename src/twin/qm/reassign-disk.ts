import type { Parameters } from '../call/command.ts';
import { ToolError } from '../call/errors.ts';
import { runWorker, type Session } from '../call/session.ts';
import { refuseModified } from '../container/digest.ts';
import { isTemplate, loadMachine, lockMachine, writeMachine, type MachineConfig } from '../machine/config.ts';
import { isAttached, isPlainCdrom, parseDrive, printDrive, type Drive } from '../machine/drives.ts';
import { diskHas } from '../machine/linked-clone.ts';
import { checkMachineLock } from '../machine/locks.ts';
import { isMachineRunning } from '../machine/machines.ts';
import { loadStorages, pluginOf, refOf } from '../storage/config.ts';
import { nextName } from '../storage/names.ts';
import { locate } from '../storage/volumes.ts';

/** Gives a disk of one VM to another: its volume is renamed, its entry moves. */
export async function reassignDisk(session: Session, parameters: Parameters, target: number): Promise<void> {
  const { vmid } = parameters;
  const key = parameters.demand('disk');
  const targetKey = parameters.text('target-disk') ?? key;
  await check(session, parameters, target, targetKey);
  await runWorker(session, 'qmmove', `${vmid}-${key}>${target}-${targetKey}`, () =>
    lockMachine(session, vmid, () =>
      lockMachine(session, target, async () => {
        const found = await check(session, parameters, target, targetKey);
        session.print(`moving disk '${key}' from VM '${vmid}' to '${target}'\n`);
        const file = await rename(session, found.drive.file, target);
        found.source.head.keys.delete(key);
        session.print(`removing disk '${key}' from VM '${vmid}' config\n`);
        await writeMachine(session, vmid, found.source);
        const moved = { ...found.drive, key: targetKey, file };
        found.target.head.keys.set(targetKey, targetKey.startsWith('unused') ? file : printDrive(moved));
        await writeMachine(session, target, found.target);
        session.print(`target VM ${target} updated with '${targetKey}'\n`);
      }),
    ),
  );
}

type Found = { source: MachineConfig; target: MachineConfig; drive: Drive };

async function check(
  session: Session,
  parameters: Parameters,
  target: number,
  targetKey: string,
): Promise<Found> {
  const { vmid } = parameters;
  const key = parameters.demand('disk');
  if (vmid === target) throw new ToolError('must be different than source VMID to move disk to another VM');
  const [source, found] = [await loadMachine(session, vmid), await loadMachine(session, target)];
  checkMachineLock(source);
  checkMachineLock(found);
  if (isTemplate(source) || isTemplate(found))
    throw new ToolError("Can't move disks from or to template VMs");
  refuseModified(parameters.text('digest'), source.digest);
  refuseModified(parameters.text('target-digest'), found.digest);
  const value = source.head.keys.get(key);
  if (value === undefined) throw new ToolError(`Disk '${key}' for VM '${vmid}' does not exist`);
  if (found.head.keys.has(targetKey)) {
    throw new ToolError(`Target disk key '${targetKey}' is already in use for VM '${target}'`);
  }
  const drive = parseDrive(key, value);
  if (isPlainCdrom(drive)) throw new ToolError("CD drive contents can't be moved to another VM");
  if (drive.file.startsWith('/')) throw new ToolError("Can't move physical disk to another VM");
  if ([...source.snapshots.values()].some((section) => isAttached(section, drive.file))) {
    throw new ToolError("Can't move disk used by a snapshot to another VM");
  }
  if (!diskHas(locate(await loadStorages(session), drive.file), 'rename')) {
    throw new ToolError('Storage does not support moving of this disk to another VM');
  }
  if (!key.startsWith('unused') && (await isMachineRunning(session, vmid))) {
    throw new ToolError('Cannot move in-use disk while the source VM is running - detach or shutdown first');
  }
  return { source, target: found, drive };
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
