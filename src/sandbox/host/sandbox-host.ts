import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../twin/host.ts';
import { lockFile } from '../file-lock.ts';
import type { ToolSettings } from '../inside.ts';
import { hostAppliances } from './appliances.ts';
import { hostFiles } from './files.ts';
import { hostGuests } from './guests.ts';
import { cpuCount } from './machine.ts';
import { hostMachines } from './machines/machines.ts';
import { beginTask } from './tasks.ts';
import { hostVolumes } from './volumes.ts';

/** The sandbox as the machine that Proxmox's tools run on. To be used inside its namespaces. */
export function sandboxHost(
  settings: ToolSettings,
  environment: Readonly<Record<string, string | undefined>>,
): Host {
  return {
    nodeName: settings.nodeName,
    now: () => Date.now(),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    random: () => Math.random(),
    lock: lockFile,
    beginTask: (type, id) => beginTask(settings.nodeName, type, id),
    files: hostFiles(),
    volumes: hostVolumes(),
    guests: hostGuests(settings, environment),
    machines: hostMachines(settings.machineGroup),
    appliances: hostAppliances(settings.templates),
    bridges,
    cpuCount,
  };
}

async function bridges(): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir('/sys/class/net')).toSorted()) {
    const entries: string[] = await readdir(`/sys/class/net/${name}`).catch(() => []);
    if (entries.includes('bridge')) found.push(name);
  }
  return found;
}
