import type { Tool } from '../call/command.ts';
import { config } from './config.ts';
import { create } from './create.ts';
import { destroy } from './destroy.ts';
import { list } from './list.ts';
import { pending } from './pending.ts';
import { set } from './set.ts';
import { reboot, resume, shutdown, start, stop, suspend } from './power.ts';
import { status } from './status.ts';
import { unlock } from './unlock.ts';

/** Proxmox's container tool. */
export const pct: Tool = {
  name: 'pct',
  groups: [
    [
      'clone',
      'create',
      'destroy',
      'list',
      'migrate',
      'move-volume',
      'pending',
      'resize',
      'restore',
      'template',
    ],
    ['config', 'set'],
    ['delsnapshot', 'listsnapshot', 'rollback', 'snapshot'],
    ['reboot', 'resume', 'shutdown', 'start', 'stop', 'suspend'],
    [
      'console',
      'cpusets',
      'df',
      'enter',
      'exec',
      'fsck',
      'fstrim',
      'mount',
      'pull',
      'push',
      'remote-migrate',
      'rescan',
      'status',
      'unlock',
      'unmount',
    ],
  ],
  aliases: { move_volume: 'move-volume' },
  commands: {
    config,
    create,
    destroy,
    list,
    pending,
    reboot,
    resume,
    set,
    shutdown,
    start,
    status,
    stop,
    suspend,
    unlock,
  },
};
