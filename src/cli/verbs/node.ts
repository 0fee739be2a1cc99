import type { CommandResult, Node } from '../../model/node.ts';
import type { Context } from '../context.ts';
import { NO_FOLDER } from '../configuration.ts';
import { EXIT, worstExitCode } from '../exit-code.ts';
import { handThrough, STDIN } from '../nodes/hand-through.ts';
import { openNode } from '../nodes/open-node.ts';
import { NODE_OPTIONS } from '../command-line/options.ts';
import { usageStop } from '../stop.ts';
import type { Verb } from '../verb.ts';

/** `phoenix node`: runs a program on the node itself, whichever node it is. */
export const node: Verb = {
  name: 'node',
  summary: 'run a command on the node itself',
  details:
    'With --batch, one JSON argv, or {"argv": […], "stdin": "…"}, per line on stdin; answers one JSON {"rc", "stdout", "stderr"} per line. What one line changes the next one sees.',
  operands: [],
  options: [{ name: 'batch', summary: 'read commands from stdin, one JSON a line' }, STDIN, ...NODE_OPTIONS],
  takesCommand: true,
  examples: [
    ['phoenix node -- pct list', 'the containers of the node'],
    ['phoenix node --host twin -- pvesm status', 'try a command on a node in memory'],
  ],
  run: async (context) => {
    const { options, command = [] } = context;
    const isBatch = options.has('batch');
    if (!isBatch && command.length === 0)
      throw usageStop('cli/no-command', 'No command was given.', 'phoenix node -- pct list');
    const opened = await openNode(context, NO_FOLDER);
    try {
      return isBatch ? await runBatch(context, opened) : await handThrough(context, opened, command);
    } finally {
      await opened.close();
    }
  },
};

async function runBatch({ io }: Context, opened: Node): Promise<number> {
  let exitCode: number = EXIT.done;
  for await (const line of io.stdin.lines()) {
    if (line.trim() === '') continue;
    if (io.signal.aborted) return EXIT.interrupted;
    const request = readRequest(line);
    if (request === undefined) exitCode = worstExitCode([exitCode, EXIT.usage]);
    const answer =
      request === undefined
        ? MALFORMED
        : await opened.command(request.argv, { signal: io.signal, ...request });
    const { rc, stdout, stderr } = answer;
    io.stdout.write(`${JSON.stringify({ rc, stdout, stderr })}\n`);
  }
  return io.signal.aborted ? EXIT.interrupted : exitCode;
}

type Request = { readonly argv: readonly string[]; readonly stdin?: string };

const MALFORMED: CommandResult = {
  rc: EXIT.usage,
  stdout: '',
  stderr: 'phoenix: a line is a JSON array of strings, or {"argv": […], "stdin": "…"}\n',
};

function readRequest(line: string): Request | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (isArgv(value)) return { argv: value };
  if (typeof value !== 'object' || value === null || !('argv' in value) || !isArgv(value.argv))
    return undefined;
  const stdin = 'stdin' in value ? value.stdin : undefined;
  if (stdin === undefined || stdin === null) return { argv: value.argv };
  return typeof stdin === 'string' ? { argv: value.argv, stdin } : undefined;
}

function isArgv(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string');
}
