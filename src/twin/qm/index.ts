import type { Tool } from '../call/command.ts';
import { clone } from './clone.ts';
import { dump, pending as cloudInitPending, update } from './cloudinit.ts';
import { config } from './config.ts';
import { create } from './create.ts';
import { destroy } from './destroy.ts';
import { cmd, exec, execStatus, passwd } from './guest.ts';
import { importDiskCommand } from './import-disk.ts';
import { listsnapshot } from './listsnapshot.ts';
import { moveDisk } from './move-disk.ts';
import { pending } from './pending.ts';
import { reboot, reset, resume, shutdown, start, stop, suspend, wait } from './power.ts';
import { rescan } from './rescan.ts';
import { resize } from './resize.ts';
import { set, unlink } from './set.ts';
import { delsnapshot, rollback, snapshot } from './snapshots.ts';
import { list, status } from './status.ts';
import { template } from './template.ts';
import { unlock } from './unlock.ts';

/** Proxmox's tool for virtual machines. */
export const qm: Tool = {
  name: 'qm',
  groups: [
    ['cloudinit dump', 'cloudinit pending', 'cloudinit update'],
    ['disk move', 'disk resize', 'disk unlink', 'disk import', 'disk rescan'],
    ['guest cmd', 'guest exec-status', 'guest passwd', 'guest exec'],
    [
      'clone',
      'config',
      'create',
      'delsnapshot',
      'destroy',
      'list',
      'listsnapshot',
      'migrate',
      'pending',
      'reboot',
      'reset',
      'resume',
      'rollback',
      'sendkey',
      'set',
      'shutdown',
      'snapshot',
      'start',
      'stop',
      'suspend',
      'template',
    ],
    [
      'cleanup',
      'enroll-efi-keys',
      'import',
      'importovf',
      'monitor',
      'mtunnel',
      'nbdstop',
      'remote-migrate',
      'showcmd',
      'status',
      'terminal',
      'unlock',
      'vncproxy',
      'wait',
    ],
  ],
  aliases: {
    agent: 'guest cmd',
    importdisk: 'disk import',
    'move-disk': 'disk move',
    move_disk: 'disk move',
    rescan: 'disk rescan',
    resize: 'disk resize',
    unlink: 'disk unlink',
  },
  commands: {
    clone,
    'cloudinit dump': dump,
    'cloudinit pending': cloudInitPending,
    'cloudinit update': update,
    config,
    create,
    delsnapshot,
    destroy,
    'disk import': importDiskCommand,
    'disk move': moveDisk,
    'disk rescan': rescan,
    'disk resize': resize,
    'disk unlink': unlink,
    'guest cmd': cmd,
    'guest exec': exec,
    'guest exec-status': execStatus,
    'guest passwd': passwd,
    list,
    listsnapshot,
    pending,
    reboot,
    reset,
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
    wait,
  },
};
