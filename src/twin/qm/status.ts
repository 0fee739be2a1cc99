import type { Command } from '../call/command.ts';
import { byCode } from '../call/lists.ts';
import { bootDiskBytes } from '../machine/boot-order.ts';
import { findMachine, loadMachine } from '../machine/config.ts';
import { listMachines } from '../machine/ids.ts';
import { memoryOf } from '../machine/launch.ts';
import { machinesOf } from '../machine/machines.ts';

/** `qm status`: running, paused or stopped; with `--verbose` the figures too. */
export const status: Command = {
  run: async (session, parameters) => {
    const { vmid } = parameters;
    const { keys } = (await loadMachine(session, vmid)).head;
    const state = await machinesOf(session).find(vmid);
    const word = state?.status ?? 'stopped';
    if (!parameters.flag('verbose')) {
      session.print(`status: ${word}\n`);
      return;
    }
    const number = (key: string): number => Number(keys.get(key) ?? 1);
    const cpus = Math.min(number('sockets') * number('cores'), await session.host.cpuCount());
    const figures: Record<string, string | number> = {
      cpus: keys.has('vcpus') ? number('vcpus') : cpus,
      disk: 0,
      maxdisk: bootDiskBytes((await loadMachine(session, vmid)).head) ?? 0,
      maxmem: memoryOf(keys.get('memory')) * 1024 ** 2,
      mem: state?.memoryBytes ?? 0,
      name: keys.get('name') ?? `VM ${vmid}`,
      netin: 0,
      netout: 0,
      qmpstatus: word,
      status: state === undefined ? 'stopped' : 'running',
      uptime: state === undefined ? 0 : Math.floor((session.host.now() - state.startedMs) / 1000),
      vmid,
    };
    if (state !== undefined) figures['pid'] = state.pid;
    if ([...keys.keys()].some((key) => /^serial\d$/.test(key))) figures['serial'] = 1;
    const balloon = keys.get('balloon');
    if (balloon !== undefined && balloon !== '0') {
      figures['balloon_min'] = Number(balloon) * 1024 ** 2;
      figures['shares'] = keys.get('shares') ?? 1000;
    }
    for (const key of ['tags', 'lock']) {
      const value = keys.get(key);
      if (value !== undefined) figures[key] = value;
    }
    if (keys.get('template') === '1') figures['template'] = 1;
    for (const key of Object.keys(figures).toSorted(byCode)) session.print(`${key}: ${figures[key]}\n`);
  },
};

/** `qm list`: this node's VMs by id. */
export const list: Command = {
  run: async (session) => {
    const machines = machinesOf(session);
    const row = (cells: readonly [string, string, string, string, string, string]): void => {
      const [vmid, name, word, memory, disk, pid] = cells;
      const first = `${vmid.padStart(10)} ${name.padEnd(20)} ${word.padEnd(10)}`;
      session.print(`${first} ${memory.padEnd(10)} ${disk.padStart(12)} ${pid.padEnd(10)}\n`);
    };
    const ids = await listMachines(session);
    if (ids.length > 0) row(['VMID', 'NAME', 'STATUS', 'MEM(MB)', 'BOOTDISK(GB)', 'PID']);
    for (const vmid of ids) {
      const config = await findMachine(session, vmid);
      if (config === undefined) continue;
      const state = await machines.find(vmid);
      const { keys } = config.head;
      const gibibytes = (bootDiskBytes(config.head) ?? 0) / 1024 ** 3;
      row([
        String(vmid),
        keys.get('name') ?? `VM ${vmid}`,
        state?.status ?? 'stopped',
        String(memoryOf(keys.get('memory'))),
        gibibytes.toFixed(2),
        String(state?.pid ?? 0),
      ]);
    }
  },
};
