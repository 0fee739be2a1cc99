import { HostError, type Host } from './host.ts';
import { createClock } from './memory/clock.ts';
import { createFiles } from './memory/files.ts';
import { createGuests } from './memory/guests.ts';
import { createLocks } from './memory/locks.ts';
import { createMachines } from './memory/machines.ts';
import { createVolumes } from './memory/volumes.ts';
import type { World } from './world.ts';

/**
 * The machine of the twin: implements `Host` over a world in memory, on a virtual clock. All tools
 * that shall see each other's locks must share one host; the world is its own from then on.
 */
export function createMemoryHost(world: World): Host {
  const clock = createClock(world);
  const files = createFiles(world);
  return {
    nodeName: world.nodeName,
    now: clock.now,
    sleep: clock.sleep,
    random: () => nextRandom(world),
    lock: createLocks(clock),
    beginTask: async (type, id) => {
      const started = Math.floor(world.clock / 1000)
        .toString(16)
        .toUpperCase()
        .padStart(8, '0');
      const serial = Math.floor(nextRandom(world) * 2 ** 32)
        .toString(16)
        .toUpperCase()
        .padStart(8, '0');
      const upid = `UPID:${world.nodeName}:${serial}:${serial}:${started}:${type}:${id}:root@pam:`;
      world.tasks[upid] = { type, id, startedMs: world.clock };
      return {
        upid,
        end: async () => {
          delete world.tasks[upid];
        },
      };
    },
    files,
    volumes: createVolumes(world, clock),
    guests: createGuests(world, clock, files),
    machines: createMachines(world, clock, files),
    appliances: {
      available: async () => world.appliances,
      update: async () => {},
      download: async (name, path) => {
        const { appliances } = world;
        if (appliances.length > 0 && !appliances.some((appliance) => appliance.name === name)) {
          throw new HostError(`download failed: ${name}`);
        }
        await clock.sleep(2_000);
        await files.write(path, '');
        const file = world.files[path];
        if (file !== undefined) file.size = 120_000_000;
      },
    },
    bridges: async () => world.bridges,
    cpuCount: async () => world.cpuCount,
  };
}

/** A generator whose whole state is one number of the world (mulberry32). */
function nextRandom(world: World): number {
  world.seed = (world.seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(world.seed ^ (world.seed >>> 15), 1 | world.seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
