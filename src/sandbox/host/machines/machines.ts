import { HostError, type HostMachines } from '../../../twin/host.ts';
import { copyImage, describeImage } from '../disk-image.ts';
import { deleteSubvolume, snapshotSubvolume } from '../subvolume.ts';
import { dataPath, imageIn, imagePath, readRecord, snapshotPath, volumeFolder } from '../volume-store.ts';
import { agentAnswers, askAgent } from './agent.ts';
import { writeCloudInit } from './cloud-init-disk.ts';
import { hotplugMachine } from './hotplug.ts';
import { pauseMachine } from './pause.ts';
import { qmp } from './qmp.ts';
import { machineState } from './run-state.ts';
import { forgetMachine, startMachine } from './start.ts';
import { shutDownMachine, stopMachine } from './stop.ts';

/** Real virtual machines in the namespaces that this process is in; `group` is the control group they join. */
export function hostMachines(group: string): HostMachines {
  return {
    givesWhatThereIs: true,
    find: machineState,
    start: (launch) => startMachine(launch, group),
    stop: stopMachine,
    shutdown: shutDownMachine,
    reset: async (vmid) => {
      await qmp(vmid, [{ execute: 'system_reset' }]);
    },
    pause: pauseMachine,
    hotplug: hotplugMachine,
    agentAnswers,
    agent: askAgent,
    writeCloudInit,
    image: describeImage,
    importImage: async (path, volume) => {
      const found = await describeImage(path);
      if (found === undefined) throw new HostError(`'${path}' is no disk image`);
      await copyImage({ path, format: found.format }, await targetOf(volume));
    },
    copyDisk,
    forget: forgetMachine,
  };
}

type VolumeRef = Parameters<HostMachines['importImage']>[1];

/** A disk in use goes on changing while it is copied, so that what is copied is a snapshot of it. */
async function copyDisk(source: VolumeRef, snapshot: string | undefined, target: VolumeRef): Promise<void> {
  const { format } = await targetOf(source);
  const to = await targetOf(target);
  const from = snapshot === undefined ? `${volumeFolder(source)}/copying` : snapshotPath(source, snapshot);
  if (snapshot === undefined) {
    await deleteSubvolume(from);
    await snapshotSubvolume(dataPath(source), from, true);
  }
  try {
    await copyImage({ path: imageIn(from, format), format }, to);
  } finally {
    if (snapshot === undefined) await deleteSubvolume(from);
  }
}

async function targetOf(volume: VolumeRef): Promise<{ readonly path: string; readonly format: string }> {
  const record = await readRecord(volume);
  if (record?.isImage !== true) {
    throw new HostError(`'${volume.storage.id}:${volume.name}' is no VM's disk`);
  }
  return { path: imagePath(volume, record.format), format: record.format };
}
