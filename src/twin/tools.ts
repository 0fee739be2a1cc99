import type { CommandResult } from '../model/node.ts';
import type { Host } from './host.ts';
import { ParameterError, ToolError } from './call/errors.ts';
import { readParameters, type Command, type Tool } from './call/command.ts';
import { readOptions, UnreadableOptions } from './call/options.ts';
import { findParameter, shapeOf, type CommandShape } from './call/parameters.ts';
import { resolveCommand } from './call/resolve-command.ts';
import { checkParameters, type ParameterValue } from './call/schema.ts';
import { isComplaint, messageOf, openSession, type Session } from './call/session.ts';
import { incompleteOf, overviewOf, usageOf } from './call/usage.ts';
import { runFileProgram } from './file-programs.ts';
import { pct } from './pct/index.ts';
import { pveam } from './pveam/index.ts';
import { pvesm } from './pvesm/index.ts';
import { findEndpoint } from './pvesh/index.ts';
import { qm } from './qm/index.ts';

export type RunToolOptions = {
  readonly stdin?: string | 'inherit';
  /** Called with output as it comes, in pieces that bring their own line ends. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
};

const TOOLS: Readonly<Record<string, Tool>> = { pct, qm, pvesm, pveam };

/** Is this the name of a tool that the twin has? */
export function isTool(name: string): boolean {
  return name === 'pvesh' || Object.hasOwn(TOOLS, name);
}

/**
 * Runs one of Proxmox's tools on a host: `['pct', 'set', '101', '--memory', '512']`. Answers as the
 * real tool would; rejects only where the tool itself was killed or has a bug.
 */
export async function runTool(
  host: Host,
  argv: readonly string[],
  options: RunToolOptions = {},
): Promise<CommandResult> {
  const output = { stdout: '', stderr: '' };
  const session = openSession(host, options.stdin, (stream, text) => {
    output[stream] += text;
    options.onOutput?.(stream, text);
  });
  const [name = '', ...rest] = argv;
  if (name === 'pvesh') return { rc: await callApi(session, rest), ...output };
  const tool = TOOLS[name];
  if (tool === undefined) {
    session.fail(`${name}: command not found\n`);
    return { rc: 127, ...output };
  }
  const rc = await dispatch(session, tool, rest);
  return { rc, ...output };
}

/** Runs a tool, or `cat` and `tee` on the host's files: what an operation may ask of a node. */
export async function runCommand(
  host: Host,
  argv: readonly string[],
  options: RunToolOptions = {},
): Promise<CommandResult> {
  if (isTool(argv[0] ?? '')) return runTool(host, argv, options);
  return runFileProgram(host, argv, options);
}

async function dispatch(session: Session, tool: Tool, words: readonly string[]): Promise<number> {
  const overview = (complaint: string): number => {
    session.fail(`ERROR: ${complaint}\n${overviewOf(tool.name, tool.groups)}`);
    return 255;
  };
  if (words.length === 0) return overview('no command specified');
  const found = resolveCommand(tool, words);
  if (found.kind === 'incomplete') {
    session.fail(incompleteOf(tool.name, found.path, found.choices));
    return 255;
  }
  if (found.kind === 'unknown') return overview(`unknown command '${tool.name} ${found.path}'`);
  const { name, rest } = found;
  if (name === 'help') {
    session.print(overviewOf(tool.name, tool.groups));
    return 0;
  }
  const command = tool.commands[name];
  const shape = shapeOf(`${tool.name} ${name}`);
  if (shape === undefined) return overview(`unknown command '${tool.name} ${name}'`);
  return answer(session, `${tool.name} ${name}`, shape, command, rest);
}

/** `pvesh METHOD PATH`: the API itself, with its parameters as options. */
async function callApi(session: Session, words: readonly string[]): Promise<number> {
  const [method, path, ...rest] = words;
  if (method === undefined || path === undefined) {
    session.fail('400 not enough arguments\npvesh <COMMAND> <api_path> [OPTIONS] [FORMAT_OPTIONS]\n');
    return 255;
  }
  const endpoint = findEndpoint(method, path);
  if (typeof endpoint === 'string') {
    session.fail(`${endpoint}\n`);
    return 255;
  }
  return answer(session, `pvesh ${method}`, endpoint.shape, endpoint.command, rest);
}

async function answer(
  session: Session,
  name: string,
  shape: CommandShape,
  command: Command | undefined,
  words: readonly string[],
): Promise<number> {
  try {
    const values = readOptions(shape, words);
    await readFiles(session, values);
    if (name === 'qm guest passwd') readPassword(session, values, 'password');
    if (values.get('cipassword') === '') readPassword(session, values, 'cipassword');
    const required = Object.keys(shape.parameters).filter((key) => shape.parameters[key]?.required === true);
    const errors = checkParameters(
      values,
      (key) => (key === 'extra-args' ? {} : findParameter(shape, key)),
      required,
    );
    if (errors.size > 0) throw new ParameterError('Parameter verification failed.', errors);
    if (command === undefined) throw new ToolError(`'${name}' is not available on this node`);
    const rc = await command.run(session, readParameters(values));
    if (command.waits === true && session.workerFailed) return 255;
    return rc ?? 0;
  } catch (error) {
    return giveUp(session, name, error);
  }
}

function giveUp(session: Session, name: string, error: unknown): number {
  if (!isComplaint(error)) throw error;
  if (error instanceof UnreadableOptions) session.fail(`${error.complaints.join('\n')}\n`);
  if (error instanceof ParameterError) {
    session.fail(error.describe(usageOf(name)));
    return 255;
  }
  session.fail(`${messageOf(error)}\n`);
  const own = error instanceof ToolError ? error.exitCode : undefined;
  return own ?? (session.errno || 255);
}

/** The tools read these parameters' values from the files that they name; VMs' keys are kept encoded. */
const FROM_FILE = ['ssh-public-keys', 'sshkeys'];

async function readFiles(session: Session, values: Map<string, ParameterValue>): Promise<void> {
  for (const name of FROM_FILE) {
    const path = values.get(name);
    if (typeof path !== 'string') continue;
    const text = await session.host.files.read(path);
    if (text === undefined) throw new ToolError(`can't open '${path}' - No such file or directory`, 2);
    values.set(name, name === 'sshkeys' ? encodeURIComponent(text) : text);
  }
}

/** A password that was not given is asked for twice on the terminal. */
function readPassword(session: Session, values: Map<string, ParameterValue>, name: string): void {
  if ((values.get(name) ?? '') !== '') return;
  const lines = (session.stdin === 'inherit' ? '' : (session.stdin ?? '')).split('\n');
  const [first, second] = lines;
  if (lines.length < 3 || first === undefined) throw new ToolError('EOF while reading password');
  if (first !== second) throw new ToolError('Passwords do not match!');
  values.set(name, first);
}
