import type { World } from '../world.ts';

/**
 * Boots the host anew: the newest installed kernel runs, modules are those that boot loads, live values
 * are what files say, devices are bound as modprobe's options say. Guests are not running.
 */
export function rebootHost(world: World): void {
  const { host, files } = world;
  host.boots += 1;
  for (const guest of Object.values(world.guests)) delete guest.running;
  world.tasks = {};
  host.kernel = host.installedKernels.toSorted().at(-1) ?? host.kernel;
  const options = Object.entries({
    ...Object.fromEntries(textsIn(world, '/etc/modprobe.d/')),
    ...host.ramdisk,
  });
  const texts = options.map(([, text]) => text).join('\n');
  const hasNouveau =
    !/^blacklist nouveau$/m.test(texts) && host.pciDevices.some(({ id }) => id.startsWith('10de:'));
  const atBoot = textsIn(world, '/etc/modules-load.d/').flatMap(([, text]) =>
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
  );
  const kept = host.modules.filter((name) => !['nouveau', 'nvidia'].includes(name));
  const hasNvidia = host.nvidiaBuilds.includes(`${host.nvidiaInstalled} ${host.kernel}`) && !hasNouveau;
  host.modules = [
    ...new Set([
      ...kept,
      ...atBoot.map((name) => name.replaceAll('-', '_')),
      ...(hasNouveau ? ['nouveau'] : []),
      ...(hasNvidia ? ['nvidia'] : []),
    ]),
  ];
  if (hasNvidia && host.nvidiaInstalled !== undefined) world.nvidiaVersion = host.nvidiaInstalled;
  else delete world.nvidiaVersion;
  const vfio = /^options vfio-pci ids=(\S+)$/m.exec(texts)?.[1]?.split(',') ?? [];
  for (const device of host.pciDevices) if (vfio.includes(device.id)) device.driver = 'vfio-pci';
  const arc = /^options zfs .*zfs_arc_max=(\d+)/m.exec(texts)?.[1];
  if (host.arcMaxBytes !== undefined) host.arcMaxBytes = Number(arc ?? 0);
  for (const [, text] of textsIn(world, '/etc/sysctl.d/')) {
    for (const [, key = '', value = ''] of text.matchAll(/^([^#\s=]+)\s*=\s*(.*)$/gm)) {
      if (host.sysctl[key] !== undefined) host.sysctl[key] = value;
    }
  }
  for (const unit of Object.values(host.units)) unit.active = unit.enabled;
  for (const path of Object.keys(files)) if (path.startsWith('/run/')) delete files[path];
}

function textsIn({ files }: World, folder: string): readonly (readonly [string, string])[] {
  return Object.entries(files).flatMap(([path, { text }]) =>
    path.startsWith(folder) && text !== undefined ? [[path, text] as const] : [],
  );
}
