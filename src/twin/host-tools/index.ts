import type { CommandResult } from '../../model/node.ts';
import type { Script } from '../../model/operation.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import { aptGet } from './apt-get.ts';
import { installNvidia } from './drivers.ts';
import { modprobe } from './modprobe.ts';
import { sysctl, systemctl, timedatectl, updateInitramfs } from './system-programs.ts';
import type { HostTool, HostToolCall } from './tool.ts';
import { addSshKey, setPassword, useradd } from './users.ts';
import { zfs } from './zfs.ts';
import { createPool, setArcLimit, wipeDisk, zpool } from './zpool.ts';

/** Runs a program of the host itself in memory; undefined where the twin has no such program. */
export async function runHostTool(
  machine: { readonly world: World; readonly host: Host },
  argv: readonly string[],
): Promise<CommandResult | undefined> {
  const [path = '', ...words] = argv;
  const name = path.replace(/^(?:\/usr)?(?:\/local)?\/s?bin\//, '');
  return run(machine, TOOLS.get(name), { words, env: {} });
}

/** Runs a script of Phoenix's on the host itself by its name; undefined where the twin knows no such script. */
export async function runHostScript(
  machine: { readonly world: World; readonly host: Host },
  script: Script,
  env: HostToolCall['env'],
): Promise<CommandResult | undefined> {
  const { name, args = [], inputs } = script;
  return run(machine, SCRIPTS.get(name), { words: args, env, ...(inputs && { inputs }) });
}

async function run(
  machine: { readonly world: World; readonly host: Host },
  tool: HostTool | undefined,
  call: HostToolCall,
): Promise<CommandResult | undefined> {
  if (tool === undefined) return undefined;
  const { rc = 0, stdout = '', stderr = '' } = await tool(machine, call);
  return { rc, stdout, stderr };
}

/** Programs by name: one file each. */
const TOOLS: ReadonlyMap<string, HostTool> = new Map([
  ['apt-get', aptGet],
  ['modprobe', modprobe],
  ['sysctl', sysctl],
  ['systemctl', systemctl],
  ['timedatectl', timedatectl],
  ['update-initramfs', updateInitramfs],
  ['useradd', useradd],
  ['zfs', zfs],
  ['zpool', zpool],
]);

/** What Phoenix's own scripts do, by their names. */
const SCRIPTS: ReadonlyMap<string, HostTool> = new Map([
  ['add-ssh-key', addSshKey],
  ['create-pool', createPool],
  ['install-nvidia', installNvidia],
  ['set-arc-limit', setArcLimit],
  ['set-password', setPassword],
  ['wipe-disk', wipeDisk],
]);
