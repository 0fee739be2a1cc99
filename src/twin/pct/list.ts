import type { Command } from '../call/command.ts';
import { findConfig } from '../container/config.ts';
import { listContainers } from '../container/ids.ts';
import { isRunning } from '../container/power.ts';

/** `pct list`: this node's containers by id. */
export const list: Command = {
  run: async (session) => {
    const row = (...cells: string[]): void => {
      const [vmid = '', status = '', lock = '', name = ''] = cells;
      session.print(`${vmid.padEnd(10)} ${status.padEnd(10)} ${lock.padEnd(12)} ${name.padEnd(20)}\n`);
    };
    const containers = await listContainers(session);
    if (containers.length > 0) row('VMID', 'Status', 'Lock', 'Name');
    for (const vmid of containers) {
      const keys = (await findConfig(session, vmid))?.head.keys;
      const name = (keys?.get('hostname') ?? `CT${vmid}`).replace(/\s/g, '');
      row(
        String(vmid),
        (await isRunning(session, vmid)) ? 'running' : 'stopped',
        keys?.get('lock') ?? '',
        name,
      );
    }
  },
};
