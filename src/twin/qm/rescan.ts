import type { Command } from '../call/command.ts';
import type { Session } from '../call/session.ts';
import { addUnused } from '../container/volumes.ts';
import { loadMachine, lockMachine, writeMachine } from '../machine/config.ts';
import { drivesOf, isCdrom, printDrive, unusedDrivesOf } from '../machine/drives.ts';
import { listMachines } from '../machine/ids.ts';
import { contentsOf, loadStorages, refOf, type StorageConfig } from '../storage/config.ts';
import { locate, sizeOfVolume } from '../storage/volumes.ts';

/** `qm disk rescan`: sizes are taken from the storages, volumes that no entry names become unused ones. */
export const rescan: Command = {
  run: async (session, parameters) => {
    const isDry = parameters.flag('dryrun');
    if (isDry) session.print("NOTE: running in dry-run mode, won't write changes out!\n");
    session.print('rescan volumes...\n');
    const storages = await loadStorages(session);
    const only = parameters.number('vmid');
    for (const vmid of only === undefined ? await listMachines(session) : [only]) {
      await lockMachine(session, vmid, () => rescanOne(session, storages, vmid, isDry));
    }
  },
};

async function rescanOne(
  session: Session,
  storages: StorageConfig,
  vmid: number,
  isDry: boolean,
): Promise<void> {
  const config = await loadMachine(session, vmid);
  let isChanged = false;
  for (const drive of drivesOf(config.head)) {
    if (isCdrom(drive) || drive.file.startsWith('/')) continue;
    const size = (await sizeOfVolume(session, storages, drive.file))?.sizeBytes;
    if (size === undefined || size === drive.sizeBytes) continue;
    session.print(
      `VM ${vmid} (${drive.key}): size of disk '${drive.file}' updated from ${drive.sizeBytes} to ${size}\n`,
    );
    drive.sizeBytes = size;
    config.head.keys.set(drive.key, printDrive(drive));
    isChanged = true;
  }
  const sections = [config.head, config.pending, ...config.snapshots.values()];
  const named = new Set(
    sections.flatMap((section) => [...drivesOf(section), ...unusedDrivesOf(section)]).map(({ file }) => file),
  );
  const states = new Set(sections.map((section) => section.keys.get('vmstate')));
  for (const storage of storages.values()) {
    if (!contentsOf(storage).has('images') || storage.options.get('disable') === '1') continue;
    for (const { name } of await session.host.volumes.list(refOf(storage), vmid)) {
      const volume = `${storage.id}:${name}`;
      const isOwn = locate(storages, volume).parsed.vmid === vmid;
      if (!isOwn || named.has(volume) || states.has(volume) || name.includes('cloudinit')) continue;
      const key = addUnused(config.head, volume);
      session.print(`VM ${vmid} add unreferenced volume '${volume}' as '${key}' to config\n`);
      isChanged = true;
    }
  }
  if (isChanged && !isDry) await writeMachine(session, vmid, config);
}
