import type { Holder, Lock } from '../model/node.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

const PATH = '/var/lib/phoenix/lock';

/** Lives as long as the run that it stands for. */
export type Life = { isOver: boolean };

/** Runs that hold a world's lock and live: a lock without one is a dead run's. */
const HOLDERS = new WeakMap<World, Life>();

/** Takes the lock of a twin, kept in a file of its world; that of a run that is over gives way. */
export async function takeLock(world: World, host: Host, life: Life, purpose: string): Promise<Lock> {
  const holder = HOLDERS.get(world);
  const held = world.files[PATH]?.text;
  if (held !== undefined && holder && !holder.isOver) return { acquired: false, holder: parseHolder(held) };
  const own: Holder = { pid: 1, host: world.nodeName, since: host.now(), purpose };
  await host.files.write(PATH, `${JSON.stringify(own)}\n`, 0o600);
  HOLDERS.set(world, life);
  return {
    acquired: true,
    release: async () => {
      if (HOLDERS.get(world) !== life) return;
      HOLDERS.delete(world);
      await host.files.remove(PATH);
    },
  };
}

function parseHolder(text: string): Holder {
  return JSON.parse(text) as Holder;
}
