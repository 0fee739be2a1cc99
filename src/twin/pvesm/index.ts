import type { Tool } from '../call/command.ts';
import { alloc } from './alloc.ts';
import { add, remove, set } from './config.ts';
import { free } from './free.ts';
import { list } from './list.ts';
import { path } from './path.ts';
import { status } from './status.ts';

/** Proxmox's storage tool. */
export const pvesm: Tool = {
  name: 'pvesm',
  groups: [
    [
      'scan cifs',
      'scan glusterfs',
      'scan iscsi',
      'scan lvm',
      'scan lvmthin',
      'scan nfs',
      'scan pbs',
      'scan zfs',
    ],
    ['add', 'remove', 'set'],
    ['alloc', 'free', 'list'],
    ['status'],
    ['apiinfo', 'export', 'extractconfig', 'import', 'path', 'prune-backups'],
  ],
  aliases: {
    nfsscan: 'scan nfs',
    cifsscan: 'scan cifs',
    glusterfsscan: 'scan glusterfs',
    iscsiscan: 'scan iscsi',
    lvmscan: 'scan lvm',
    lvmthinscan: 'scan lvmthin',
    zfsscan: 'scan zfs',
  },
  commands: {
    add,
    alloc,
    apiinfo: { run: async (session) => session.print('APIVER 12\nAPIAGE 3\n') },
    free,
    list,
    path,
    remove,
    set,
    status,
  },
};
