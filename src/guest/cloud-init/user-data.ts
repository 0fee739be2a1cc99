import type { DesiredCloudInit, DesiredFile, DesiredNfsMount, DesiredUser } from '../../model/desired.ts';
import type { DocumentsInput } from './documents.ts';
import type { Document } from './merge.ts';
import { passwordHash, type PasswordOwner } from './password-hash.ts';

/**
 * The user-data. It has cloud-init apply the network-config at each boot, where by itself it does so at
 * the first only: a changed address must not need a new instance-id (which would be a first boot).
 */
export function userData({ desired, folderId, hasAgent }: DocumentsInput): Document {
  const { cloudInit, vmid, agent } = desired;
  const { hostname, fqdn, timezone, users, nfsMounts, files } = cloudInit;
  const packages = [
    ...(agent && !hasAgent ? ['qemu-guest-agent'] : []),
    ...(nfsMounts.length > 0 ? ['nfs-common'] : []),
    ...cloudInit.packages,
  ];
  const commands = runCommands(cloudInit, agent);
  return {
    hostname,
    ...(fqdn !== undefined && { fqdn }),
    // The whole file from a template, which is the other choice, would throw away what features put in.
    manage_etc_hosts: 'localhost',
    ...(timezone !== undefined && { timezone }),
    ...(users.length > 0 && { users: users.map((user) => userEntry(user, { folderId, vmid })) }),
    ...(users.some(({ name }) => name === 'root') && { disable_root: false }),
    ...(packages.length > 0 && { package_update: true }),
    package_upgrade: cloudInit.upgradesPackages,
    ...(packages.length > 0 && { packages: [...new Set(packages)] }),
    ...(files.length > 0 && { write_files: files.map(fileEntry) }),
    ...(nfsMounts.length > 0 && { mounts: nfsMounts.map(mountEntry) }),
    ...(commands.length > 0 && { runcmd: commands }),
    updates: { network: { when: ['boot-new-instance', 'boot'] } },
  };
}

function userEntry(user: DesiredUser, owner: PasswordOwner): Document {
  const hash = passwordHash(user, owner);
  const { name, groups, shell, sshKeys, hasSudo } = user;
  return {
    name,
    shell: shell ?? '/bin/bash',
    ...(groups.length > 0 && { groups: [...groups] }),
    ...(hasSudo && { sudo: 'ALL=(ALL) NOPASSWD:ALL' }),
    ...(sshKeys.length > 0 && { ssh_authorized_keys: [...sshKeys] }),
    lock_passwd: hash === undefined,
    ...(hash !== undefined && { hashed_passwd: hash }),
  };
}

function fileEntry({ path, content, mode, owner }: DesiredFile): Document {
  const isPlain = !UNPLAIN.test(content);
  const isRoots = owner === undefined || /^root(?::root)?$/.test(owner);
  return {
    path,
    ...(isPlain
      ? { content }
      : { encoding: 'b64', content: Buffer.from(content, 'utf8').toString('base64') }),
    ...(mode !== undefined && { permissions: mode.toString(8).padStart(4, '0') }),
    ...(owner !== undefined && { owner }),
    // Users and packages, which bring an owner along, come after the files that are not deferred.
    ...(!isRoots && { defer: true }),
  };
}

/** Control characters, and what YAML would take for the end of a line. */
const UNPLAIN = /[^\t\n\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/*
 * Mounted on first use, so that a boot does not wait for the server; and not by cloud-init, which would
 * try before it has installed what mounts NFS.
 */
function mountEntry({ server, path, mountPoint, options }: DesiredNfsMount): readonly string[] {
  const given = (options ?? '').split(',').filter((option) => option !== '');
  const names = new Set(given.map((option) => option.split('=', 1)[0]));
  const added = ['noauto', 'x-systemd.automount', '_netdev', 'nofail'].filter((option) => !names.has(option));
  return [`${server}:${path}`, mountPoint, 'nfs', [...given, ...added].join(','), '0', '0'];
}

function runCommands(
  { nfsMounts, runCommands: own }: DesiredCloudInit,
  agent: boolean,
): readonly (string | readonly string[])[] {
  return [
    ...(agent ? [['systemctl', 'enable', '--now', 'qemu-guest-agent']] : []),
    ...nfsMounts.map(({ mountPoint }) => ['mount', mountPoint]),
    ...own.map((command) => (typeof command === 'string' ? command : [...command])),
  ];
}
