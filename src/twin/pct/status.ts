import type { Command } from '../call/command.ts';
import { byCode } from '../call/lists.ts';
import type { Session } from '../call/session.ts';
import { loadConfig, type Section } from '../container/config.ts';
import { launchOf } from '../container/launch.ts';
import { mountsOf } from '../container/volumes.ts';
import { loadStorages } from '../storage/config.ts';

/** `pct status`: running or stopped; with `--verbose` the figures too. */
export const status: Command = {
  run: async (session, parameters) => {
    const { head } = await loadConfig(session, parameters.vmid);
    const state = await session.host.guests.find(parameters.vmid);
    const word = state === undefined ? 'stopped' : 'running';
    if (!parameters.flag('verbose')) {
      session.print(`status: ${word}\n`);
      return;
    }
    const number = (key: string, standard: number): number => Number(head.keys.get(key) ?? standard);
    const disk = await diskOf(session, parameters.vmid, head, state !== undefined);
    const figures: Record<string, string | number> = {
      cpus: number('cores', 0) || number('cpulimit', 0) || (await session.host.cpuCount()),
      ...disk,
      diskread: 0,
      diskwrite: 0,
      maxmem: (number('memory', 512) || 512) * 1024 ** 2,
      maxswap: number('swap', 0) * 1024 ** 2,
      mem: state?.memoryBytes ?? 0,
      name: (head.keys.get('hostname') ?? `CT${parameters.vmid}`).replace(/\s/g, ''),
      netin: 0,
      netout: 0,
      status: word,
      swap: state?.swapBytes ?? 0,
      type: 'lxc',
      uptime: state === undefined ? 0 : Math.floor((session.host.now() - state.startedMs) / 1000),
      vmid: parameters.vmid,
    };
    if (state !== undefined) figures['pid'] = state.pid;
    for (const key of ['tags', 'lock']) {
      const value = head.keys.get(key);
      if (value !== undefined) figures[key] = value;
    }
    if (head.keys.get('template') === '1') figures['template'] = 1;
    for (const key of Object.keys(figures).toSorted(byCode)) session.print(`${key}: ${figures[key]}\n`);
  },
};

async function diskOf(
  session: Session,
  vmid: number,
  head: Section,
  isRunning: boolean,
): Promise<{ disk: number; maxdisk: number }> {
  const root = mountsOf(head).find((mount) => mount.key === 'rootfs');
  if (!isRunning) return { disk: 0, maxdisk: root?.sizeBytes || 4 * 1024 ** 3 };
  const launch = launchOf(vmid, head, await loadStorages(session));
  const mount = launch.mounts.find((candidate) => candidate.key === 'rootfs');
  if (mount === undefined) return { disk: 0, maxdisk: 0 };
  const usage = await session.host.guests.usage(launch, mount);
  return { disk: usage.usedBytes, maxdisk: usage.totalBytes };
}
