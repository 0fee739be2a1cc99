import {
  HostError,
  type HostFiles,
  type HostMachines,
  type MachineHotplug,
  type VolumeRef,
} from '../host.ts';
import type { World, WorldFile, WorldGuest, WorldVolume } from '../world.ts';
import { answerAgent, isAgentUp } from './agent.ts';
import type { Clock } from './clock.ts';
import { canonicalPath } from './files.ts';
import { systemOf } from './machine-system.ts';
import { lookUp } from './volumes.ts';

/** Virtual machines in memory: their run states, and their agents as far as the twin knows their systems. */
export function createMachines(world: World, clock: Clock, files: HostFiles): HostMachines {
  const need = (vmid: number): NonNullable<WorldGuest['running']> => {
    const running = world.guests[vmid]?.running;
    if (running === undefined) throw new HostError(`VM ${vmid} not running`);
    return running;
  };
  const needVolume = (ref: VolumeRef): WorldVolume => {
    const volume = lookUp(world, ref);
    if (volume === undefined) throw new HostError(`volume '${ref.storage.id}:${ref.name}' does not exist`);
    return volume;
  };
  return {
    find: async (vmid) => {
      const running = world.guests[vmid]?.running;
      if (running === undefined) return undefined;
      return {
        pid: running.pid,
        startedMs: running.startedMs,
        status: running.frozen === true ? 'paused' : 'running',
        memoryBytes: (running.machine?.memoryMiB ?? 512) * 1024 ** 2,
      };
    },
    start: async (launch) => {
      await clock.sleep(2_000);
      if (world.guests[launch.vmid]?.running !== undefined) {
        throw new HostError(`VM ${launch.vmid} already running`);
      }
      for (const nic of launch.nics) {
        const { bridge } = nic.fields;
        if (bridge !== undefined && !world.bridges.includes(bridge)) {
          throw new HostError(`bridge '${bridge}' does not exist`);
        }
      }
      const startedMs = world.clock;
      (world.guests[launch.vmid] ??= {}).running = {
        pid: 1_000_000 + launch.vmid,
        startedMs,
        bootedMs: startedMs,
        launch: null,
        machine: launch,
      };
      return [];
    },
    stop: async (vmid) => {
      delete world.guests[vmid]?.running;
    },
    shutdown: async (vmid, timeoutMs) => {
      const running = need(vmid);
      const system = running.machine ? systemOf(world, running.machine) : world.guests[vmid]?.content;
      const isHeard = system !== undefined && running.frozen !== true;
      await clock.sleep(isHeard ? Math.min(timeoutMs, SHUTDOWN_MS) : timeoutMs);
      if (!isHeard || timeoutMs < SHUTDOWN_MS) return false;
      delete world.guests[vmid]?.running;
      return true;
    },
    reset: async (vmid) => {
      const running = need(vmid);
      running.bootedMs = world.clock;
      running.answers = 0;
      delete running.processes;
    },
    pause: async (vmid, isPaused) => {
      need(vmid).frozen = isPaused;
    },
    hotplug: async (vmid, change) => applyHotplug(world, need(vmid), change),
    agentAnswers: async (vmid) => {
      const isUp = isAgentUp(world, vmid);
      if (!isUp) await clock.sleep(PING_MS);
      return isUp;
    },
    agent: async (vmid, command, parameters) => {
      need(vmid);
      return answerAgent(world, clock, vmid, command, parameters);
    },
    writeCloudInit: async (ref, _label, documents) => {
      await clock.sleep(300);
      needVolume(ref).content = { files: { ...documents }, facts: [] };
    },
    image: async (path) => {
      const file = await imageFile(world, files, path);
      return file === undefined ? undefined : describeImage(path, file);
    },
    importImage: async (path, target) => {
      const file = await imageFile(world, files, path);
      await clock.sleep(3_000);
      if (file === undefined) throw new HostError(`can't find file '${path}'`);
      const isEmpty = file.image !== undefined && file.image.content === undefined;
      if (!isEmpty) {
        needVolume(target).content = structuredClone(file.image?.content ?? { files: {}, facts: [] });
      }
    },
    copyDisk: async (source, snapshot, target) => {
      const origin = needVolume(source);
      const content = snapshot === undefined ? origin.content : origin.snapshots[snapshot];
      await clock.sleep(5_000);
      if (content) needVolume(target).content = structuredClone(content);
    },
    forget: async (vmid) => {
      delete world.guests[vmid];
    },
  };
}

const SHUTDOWN_MS = 5_000;
const PING_MS = 3_000;

/** The size of a cloud image, for one that only its name is known of. */
const USUAL_IMAGE_BYTES = 3 * 1024 ** 3;

async function imageFile(world: World, files: HostFiles, path: string): Promise<WorldFile | undefined> {
  if ((await files.stat(path))?.type !== 'file') return undefined;
  return world.files[canonicalPath(world, path)];
}

function describeImage(path: string, file: WorldFile): { format: string; sizeBytes: number } {
  if (file.image !== undefined) return { format: file.image.format, sizeBytes: file.image.sizeBytes };
  const format = path.endsWith('.raw') ? 'raw' : 'qcow2';
  const known = format === 'raw' && file.size !== undefined && file.size > 1 ? file.size : undefined;
  return { format, sizeBytes: known ?? USUAL_IMAGE_BYTES };
}

function applyHotplug(
  world: World,
  running: NonNullable<WorldGuest['running']>,
  change: MachineHotplug,
): void {
  const { machine } = running;
  if (machine === undefined) return;
  const settings = { ...machine.settings };
  if (change.kind === 'unplug') {
    delete settings[change.key];
    running.machine = {
      ...machine,
      settings,
      drives: machine.drives.filter((drive) => drive.key !== change.key),
      nics: machine.nics.filter((nic) => `net${nic.index}` !== change.key),
    };
    return;
  }
  const bridge = /^net\d+$/.test(change.key) ? /(?:^|,)bridge=([^,]+)/.exec(change.value)?.[1] : undefined;
  if (bridge !== undefined && !world.bridges.includes(bridge)) {
    throw new HostError(`bridge '${bridge}' does not exist`);
  }
  settings[change.key] = change.value;
  running.machine = { ...machine, settings };
}
