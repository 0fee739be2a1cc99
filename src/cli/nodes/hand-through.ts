import type { CommandOptions, Node } from '../../model/node.ts';
import type { GuestId } from '../../model/target.ts';
import type { Context } from '../context.ts';
import type { OptionSpec } from '../verb.ts';

/** `--stdin` of the verbs that run a program: a pipe or a file is handed to it without being asked for. */
export const STDIN: OptionSpec = {
  name: 'stdin',
  short: 'i',
  summary: 'hand over stdin from a terminal too, until Ctrl-D (a pipe or a file always is)',
};

/**
 * Runs a program on the node, or in a VM of it, as if it ran here: input goes to it and output comes from it as they
 * come, and its exit code is given.
 */
export async function handThrough(
  { io, options }: Context,
  node: Node,
  argv: readonly string[],
  vmid?: GuestId,
): Promise<number> {
  const isGiven = io.stdin.isPiped || options.has('stdin');
  const input: CommandOptions = {
    ...(isGiven && { stdin: io.stdin.chunks() }),
    ...(vmid !== undefined && { in: vmid }),
  };
  const onText: CommandOptions['onText'] = (stream, text) => io[stream].write(text);
  const { rc, stderr } = await node.command(argv, { ...input, onText, signal: io.signal });
  if (stderr !== '') io.stderr.write(`${stderr.trimEnd()}\n`);
  return rc;
}
