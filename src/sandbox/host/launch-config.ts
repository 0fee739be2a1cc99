import type { Launch, Mount } from '../../twin/host.ts';
import { effectiveIdMap } from './id-map.ts';
import { type Machine, limitLines } from './limits.ts';

export type ConfigSurroundings = {
  readonly machine: Machine;
  /** The sandbox's control group. */
  readonly cgroup: string;
  readonly includes: readonly string[];
  /** Host path of a mount's content, and whether that is a folder. */
  readonly sourceOf: (mount: Mount) => { readonly path: string; readonly isFolder: boolean };
  /** Device nodes made for it: path on the host, path in the guest, `c 10:229`. */
  readonly devices: readonly { readonly node: string; readonly path: string; readonly number: string }[];
};

/** The text of `/var/lib/lxc/<vmid>/config`: what Proxmox generates, its raw lines last. */
export function launchConfig(launch: Launch, surroundings: ConfigSurroundings): string {
  const { cgroup, machine, sourceOf } = surroundings;
  const lines: string[] = [];
  const set = (key: string, value: string | number) => lines.push(`${key} = ${value}`);
  for (const include of surroundings.includes) set('lxc.include', include);
  set('lxc.arch', launch.arch === 'amd64' ? 'x86_64' : launch.arch);
  set('lxc.uts.name', launch.hostname);
  set('lxc.cgroup.dir.container', `${cgroup}/${launch.vmid}`);
  set('lxc.cgroup.dir.container.inner', 'ns');
  set('lxc.cgroup.dir.monitor', `${cgroup}/monitor/${launch.vmid}`);
  set('lxc.cgroup.dir.monitor.pivot', `${cgroup}/pivot`);
  set('lxc.apparmor.profile', 'unconfined');
  set('lxc.mount.auto', '');
  set('lxc.mount.auto', 'proc:mixed sys:mixed cgroup:mixed');
  const ownMap = launch.raw.some(([key]) => key === 'lxc.idmap');
  if (!ownMap) {
    for (const { type, container, host, size } of effectiveIdMap(launch)) {
      set('lxc.idmap', `${type} ${container} ${host} ${size}`);
    }
  }
  set('lxc.tty.max', launch.tty);
  set('lxc.environment', 'TERM=linux');
  for (const [key, value] of limitLines(launch, machine)) set(key, value);
  if (launch.features['fuse'] === '1') {
    set('lxc.cgroup.devices.allow', 'c 10:229 rwm');
    set('lxc.cgroup2.devices.allow', 'c 10:229 rwm');
    set('lxc.mount.entry', '/dev/fuse dev/fuse none bind,create=file,optional 0 0');
  }
  for (const mount of launch.mounts) {
    const source = sourceOf(mount);
    if (mount.path === '/') {
      set('lxc.rootfs.path', `dir:${source.path}`);
      if (mount.readOnly) set('lxc.rootfs.options', 'ro');
      continue;
    }
    const create = source.isFolder ? 'create=dir' : 'create=file';
    const options = ['rbind', create, ...(mount.readOnly ? ['ro'] : [])].join(',');
    set(
      'lxc.mount.entry',
      `${escapePath(source.path)} ${escapePath(mount.path.replace(/^\/+/, ''))} none ${options} 0 0`,
    );
  }
  for (const { node, path, number } of surroundings.devices) {
    set('lxc.cgroup.devices.allow', `${number} rw`);
    set('lxc.cgroup2.devices.allow', `${number} rw`);
    set(
      'lxc.mount.entry',
      `${escapePath(node)} ${escapePath(path.replace(/^\/+/, ''))} none bind,create=file 0 0`,
    );
  }
  for (const { index, hostName, fields } of launch.nics) {
    set(`lxc.net.${index}.type`, 'veth');
    if (fields['bridge'] !== undefined) set(`lxc.net.${index}.link`, fields['bridge']);
    set(`lxc.net.${index}.veth.pair`, hostName);
    set(`lxc.net.${index}.name`, fields['name'] ?? `eth${index}`);
    if (fields['hwaddr'] !== undefined) set(`lxc.net.${index}.hwaddr`, fields['hwaddr']);
    if (fields['mtu'] !== undefined) set(`lxc.net.${index}.mtu`, fields['mtu']);
    if (fields['link_down'] !== '1') set(`lxc.net.${index}.flags`, 'up');
  }
  if (launch.nics.length === 0) set('lxc.net.0.type', 'empty');
  for (const [key, value] of launch.raw) set(key, value);
  return lines.map((line) => `${line}\n`).join('');
}

/** Blanks in a mount entry are written as in fstab. */
function escapePath(path: string): string {
  return path.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('\t', '\\011');
}
