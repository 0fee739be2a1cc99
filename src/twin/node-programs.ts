import type { CommandResult } from '../model/node.ts';
import { runHostTool } from './host-tools/index.ts';
import type { Host } from './host.ts';
import { runCommand } from './tools.ts';
import type { World } from './world.ts';

/**
 * Runs a program on the node itself: Proxmox's tools, `cat` and `tee`, and the two that put a
 * directory in its place, `mkdir -p -- PATH` and `chown UID[:GID] -- PATH`.
 */
export async function runNodeProgram(
  world: World,
  host: Host,
  argv: readonly string[],
): Promise<CommandResult> {
  const [name, first = '', , path = ''] = argv;
  if (name === 'mkdir' && first === '-p') {
    await host.files.makeDirectory(path);
    return DONE;
  }
  if (name === 'chown') {
    const found = world.files[path];
    if (!found) {
      const stderr = `chown: cannot access '${path}': No such file or directory\n`;
      return { rc: 1, stdout: '', stderr };
    }
    const [uid = '', gid = ''] = first.split(':');
    if (uid !== '') found.uid = Number(uid);
    if (gid !== '') found.gid = Number(gid);
    return DONE;
  }
  return (await runHostTool({ world, host }, argv)) ?? (await runCommand(host, argv));
}

const DONE: CommandResult = { rc: 0, stdout: '', stderr: '' };
