import type { Command } from '../call/command.ts';
import { byCode } from '../call/lists.ts';
import { listContainers } from '../container/ids.ts';
import { isRunning } from '../container/power.ts';

/** `pct cpusets`: which of the host's CPUs each running container may use. */
export const cpusets: Command = {
  run: async (session) => {
    const cpus = Array.from({ length: await session.host.cpuCount() }, (_, index) => index).join(' ');
    const running: string[] = [];
    for (const vmid of await listContainers(session)) {
      if (await isRunning(session, vmid)) running.push(String(vmid));
    }
    const width = Math.max(0, ...running.map((vmid) => vmid.length));
    const rows = running.toSorted(byCode).map((vmid) => `${vmid.padStart(width)}:  ${cpus}\n`);
    if (rows.length === 0) session.print('no running containers\n');
    else {
      const line = `${'-'.repeat(Math.max(...rows.map((row) => row.length)) - 1)}\n`;
      session.print(`${line}${rows.join('')}${line}`);
    }
  },
};
