import type { CommandResult } from '../model/node.ts';
import type { GuestId } from '../model/target.ts';
import type { Host, OutputSink } from './host.ts';
import { agentComplaint } from './memory/agent.ts';
import type { World } from './world.ts';

/** Runs a program in a VM through its agent, with the exit codes of a real node's where nobody gets in. */
export async function commandInVm(
  { world, host }: { readonly world: World; readonly host: Host },
  vmid: GuestId,
  argv: readonly string[],
  options: { readonly stdin: string; readonly onText?: OutputSink | undefined },
): Promise<CommandResult> {
  const result = { stdout: '', stderr: '' };
  const put: OutputSink = (stream, text) => {
    if (options.onText) options.onText(stream, text);
    else result[stream] += text;
  };
  const complaint =
    world.guests[vmid]?.running === undefined
      ? `VM ${vmid} not running`
      : await agentComplaint(host, world, vmid);
  if (complaint !== undefined) {
    put('stderr', `phoenix-agent: ${complaint}\n`);
    return { rc: complaint.startsWith('VM') ? 251 : complaint.startsWith('No') ? 252 : 253, ...result };
  }
  const rc = await host.guests.exec(vmid, argv, { keepEnv: false, stdin: options.stdin, onOutput: put });
  return { rc, ...result };
}
