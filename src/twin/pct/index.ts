import type { Tool } from '../call/command.ts';
import { clone } from './clone.ts';
import { cpusets } from './cpusets.ts';
import { enter, exec, pull, push } from './inside.ts';
import { listsnapshot } from './listsnapshot.ts';
import { migrate } from './migrate.ts';
import { df, fsck, fstrim, mount, unmount } from './mounts.ts';
import { moveVolume } from './move-volume.ts';
import { rescan } from './rescan.ts';
import { resize } from './resize.ts';
import { delsnapshot, rollback, snapshot } from './snapshots.ts';
import { template } from './template.ts';
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
    clone,
    config,
    console: enter,
    cpusets,
    create,
    delsnapshot,
    destroy,
    df,
    enter,
    exec,
    fsck,
    fstrim,
    list,
    listsnapshot,
    migrate,
    mount,
    'move-volume': moveVolume,
    pending,
    pull,
    push,
    reboot,
    rescan,
    resize,
    resume,
    rollback,
    set,
    shutdown,
    snapshot,
    start,
    status,
    stop,
    suspend,
    template,
    unlock,
    unmount,
  },
};
