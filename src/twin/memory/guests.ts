import { HostError, type HostFiles, type HostGuests, type Launch, type Mount } from '../host.ts';
import type { VolumeContent, World, WorldGuest } from '../world.ts';
import type { Clock } from './clock.ts';
import { canonicalPath } from './files.ts';
import { runProgram } from './programs.ts';
import { ext4Usage } from './ext4.ts';
import { systemOf } from './machine-system.ts';
import { lookUp, SYSTEM_BYTES } from './volumes.ts';

/** Containers in memory: their run states, and what is inside of them as far as the twin knows. */
export function createGuests(world: World, clock: Clock, files: HostFiles): HostGuests {
  const need = (vmid: number): NonNullable<WorldGuest['running']> => {
    const running = world.guests[vmid]?.running;
    if (running === undefined) throw new HostError(`container ${vmid} is not running`);
    return running;
  };
  const patch = (vmid: number, change: (launch: Launch) => Launch): void => {
    const running = need(vmid);
    if (running.launch !== null) running.launch = change(running.launch);
  };
  return {
    find: async (vmid) => {
      const running = world.guests[vmid]?.running;
      if (running === undefined) return undefined;
      return {
        pid: running.pid,
        startedMs: running.startedMs,
        memoryBytes: 20_971_520,
        swapBytes: 0,
        cpuSeconds: 1,
      };
    },
    install: async (launch, archive) => {
      await clock.sleep(3_000);
      const template = templateOf(world, archive);
      const content = rootOf(world, launch);
      if (content !== undefined) content.template = template;
      return template;
    },
    personalize: async (launch) => {
      await clock.sleep(1_000);
      const content = rootOf(world, launch);
      if (content !== undefined) content.files['/etc/hostname'] = `${launch.hostname}\n`;
    },
    start: async (launch) => {
      await clock.sleep(1_000);
      if (world.guests[launch.vmid]?.running !== undefined)
        throw new HostError(`container ${launch.vmid} is running`);
      for (const mount of launch.mounts) {
        const { source } = mount;
        const isThere =
          source.kind === 'volume'
            ? lookUp(world, source.volume) !== undefined
            : (await files.stat(source.path)) !== undefined;
        if (!isThere) throw new HostError("startup for container '" + launch.vmid + "' failed");
      }
      const guest = (world.guests[launch.vmid] ??= {});
      guest.running = { pid: 1_000_000 + launch.vmid, startedMs: world.clock, launch };
      const content = rootOf(world, launch);
      if (content !== undefined) content.files['/etc/hostname'] = `${launch.hostname}\n`;
    },
    stop: async (vmid) => {
      delete world.guests[vmid]?.running;
    },
    shutdown: async (vmid, timeoutMs) => {
      await clock.sleep(Math.min(timeoutMs, 1_500));
      if (timeoutMs < 1_500) return false;
      delete world.guests[vmid]?.running;
      return true;
    },
    freeze: async (vmid, isFrozen) => {
      need(vmid).frozen = isFrozen;
    },
    hotplug: async (vmid, change) =>
      patch(vmid, (launch) => {
        switch (change.kind) {
          case 'memory':
            return { ...launch, memoryMiB: change.memoryMiB, swapMiB: change.swapMiB };
          case 'cpu': {
            const { kind: _, ...limits } = change;
            return { ...launch, ...limits };
          }
          case 'nic':
            return {
              ...launch,
              nics: [...launch.nics.filter((nic) => nic.index !== change.nic.index), change.nic],
            };
          case 'remove-nic':
            return { ...launch, nics: launch.nics.filter((nic) => nic.index !== change.nic.index) };
          case 'mount':
            refuseMissingFolder(world, change.mount);
            return { ...launch, mounts: [...launch.mounts, change.mount] };
          case 'device':
            return { ...launch, devices: [...launch.devices, change.device] };
          case 'hostname':
            return { ...launch, hostname: change.hostname };
          case 'dns':
            return launch;
        }
      }),
    exec: async (vmid, argv, options) => {
      const content = insideOf(world, vmid);
      const stdin = options.stdin === 'inherit' ? '' : (options.stdin ?? '');
      return runProgram(content.files, argv, stdin, options.onOutput);
    },
    push: async (vmid, from, to, owner) => {
      const text = await files.read(from);
      if (text === undefined) throw new HostError(`failed to open ${from} for reading`);
      checkOwner(owner.user, 'uid');
      checkOwner(owner.group, 'gid');
      const content = insideOf(world, vmid);
      const folder = to.slice(0, to.lastIndexOf('/')) || '/';
      const isKnown =
        SYSTEM_FOLDERS.test(folder) ||
        Object.keys(content.files).some((path) => path.startsWith(`${folder}/`));
      if (!isKnown) throw new HostError(`failed to create file: ${to}: No such file or directory`);
      content.files[to] = text;
    },
    pull: async (vmid, from, to, owner) => {
      checkOwner(owner.user, 'uid');
      checkOwner(owner.group, 'gid');
      const text = insideOf(world, vmid).files[from];
      await files.write(to, text ?? '', owner.perms);
      if (text === undefined) throw new HostError(`failed to open ${from}: No such file or directory`);
    },
    mount: async (launch) => `/var/lib/lxc/${launch.vmid}/rootfs`,
    unmount: async () => {},
    usage: async (_launch, mount) => {
      const volume = mount.source.kind === 'volume' ? lookUp(world, mount.source.volume) : undefined;
      return ext4Usage(volume?.sizeBytes ?? 1024 ** 3, mount.path === '/' ? SYSTEM_BYTES : 0);
    },
    forget: async (vmid) => {
      delete world.guests[vmid];
    },
  };
}

/**
 * The files and facts inside a guest: on its root volume where the twin has that, else in the
 * guest's own entry. Changes to what it gives are changes to the world.
 */
export function insideOf(world: World, vmid: number): VolumeContent {
  const guest = (world.guests[vmid] ??= {});
  const { launch, machine } = guest.running ?? {};
  const content = machine ? systemOf(world, machine) : launch ? rootOf(world, launch) : undefined;
  return content ?? (guest.content ??= { files: {}, facts: [] });
}

function refuseMissingFolder(world: World, mount: Mount): void {
  if (mount.source.kind !== 'bind') return;
  const { path } = mount.source;
  if (world.files[canonicalPath(world, path)]?.type !== 'directory') {
    throw new HostError(`directory '${path}' does not exist`);
  }
}

const SYSTEM_FOLDERS =
  /^\/($|bin|boot|dev|etc|home|lib|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(\/|$)/;

function rootOf(world: World, launch: Launch): VolumeContent | undefined {
  const source = launch.mounts.find((mount) => mount.path === '/')?.source;
  if (source?.kind !== 'volume') return undefined;
  const volume = lookUp(world, source.volume);
  return volume === undefined ? undefined : (volume.content ??= { files: {}, facts: [] });
}

function templateOf(world: World, archive: string): { ostype: string; arch: string; bytes: number } {
  const name = archive.slice(archive.lastIndexOf('/') + 1);
  const known = world.templates[name];
  if (known !== undefined) return known;
  const ostype = OSTYPES.find((candidate) => name.startsWith(candidate)) ?? 'debian';
  return { ostype, arch: /_(amd64|arm64|i386|armhf)\./.exec(name)?.[1] ?? 'amd64', bytes: 200_000_000 };
}

const OSTYPES = [
  'debian',
  'devuan',
  'ubuntu',
  'centos',
  'fedora',
  'opensuse',
  'archlinux',
  'alpine',
  'gentoo',
  'nixos',
];

function checkOwner(name: string | undefined, id: 'uid' | 'gid'): void {
  if (name === undefined || /^\d+$/.test(name) || SYSTEM_NAMES.has(name)) return;
  throw new HostError(`failed to get ${id} for: ${name}`);
}

const SYSTEM_NAMES = new Set([
  'root',
  'daemon',
  'bin',
  'sys',
  'adm',
  'www-data',
  'nobody',
  'nogroup',
  'staff',
  'users',
  'mail',
  'backup',
]);
