import type { Command } from '../call/command.ts';
import { listContainers } from '../container/ids.ts';
import { isRunning } from '../container/power.ts';

/** `pct cpusets`: which of the host's CPUs each running container may use. */
export const cpusets: Command = {
  run: async (session) => {
    const cpus = Array.from({ length: await session.host.cpuCount() }, (_, index) => index).join(' ');
    const rows: string[] = [];
    for (const vmid of await listContainers(session)) {
      if (await isRunning(session, vmid)) rows.push(`${vmid}:  ${cpus}\n`);
    }
    if (rows.length === 0) session.print('no running containers\n');
    else {
      const line = `${'-'.repeat(Math.max(...rows.map((row) => row.length)) - 1)}\n`;
      session.print(`${line}${rows.join('')}${line}`);
    }
  },
};
