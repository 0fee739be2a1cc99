import { refuses, type HostTool } from './tool.ts';

/** `timedatectl set-timezone ZONE` */
export const timedatectl: HostTool = async ({ world }, { words }) => {
  const [command, zone = ''] = words;
  if (command === 'set-timezone') world.host.timezone = zone;
  return {};
};

/** `sysctl -w KEY=VALUE` */
export const sysctl: HostTool = async ({ world }, { words }) => {
  const pair = words.at(-1) ?? '';
  const key = pair.slice(0, pair.indexOf('='));
  if (world.host.sysctl[key] === undefined) {
    return refuses(
      `sysctl: cannot stat /proc/sys/${key.replaceAll('.', '/')}: No such file or directory`,
      255,
    );
  }
  world.host.sysctl[key] = pair.slice(pair.indexOf('=') + 1);
  return { stdout: `${key} = ${world.host.sysctl[key]}\n` };
};

/** `systemctl daemon-reload`, `enable [--now]`, `disable [--now]`, `start`, `stop`, `restart` of units. */
export const systemctl: HostTool = async ({ world }, { words }) => {
  const [command = '', ...rest] = words;
  const isNow = rest.includes('--now');
  for (const name of rest.filter((word) => !word.startsWith('-'))) {
    const isKnown = world.host.units[name] ?? world.files[`/etc/systemd/system/${name}`];
    if (isKnown === undefined) return refuses(`Failed to ${command} unit: Unit file ${name} does not exist.`);
    const unit = (world.host.units[name] ??= { enabled: false, active: false });
    if (command === 'enable' || command === 'disable') unit.enabled = command === 'enable';
    if (isNow || !['enable', 'disable'].includes(command))
      unit.active = ['enable', 'start', 'restart'].includes(command);
  }
  return {};
};

/** `update-initramfs -u -k all`: the options of modules that it took into the initial ramdisks. */
export const updateInitramfs: HostTool = async ({ world, host }) => {
  await host.sleep(5_000);
  world.host.ramdisk = Object.fromEntries(
    Object.entries(world.files).flatMap(([path, { text }]) =>
      path.startsWith('/etc/modprobe.d/') && text !== undefined ? [[path, text]] : [],
    ),
  );
  return {};
};
