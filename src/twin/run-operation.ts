import type { CommandResult, RunOptions } from '../model/node.ts';
import type { Fact, Operation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Place } from '../model/target.ts';
import { Secret } from '../model/value.ts';
import { editConfig } from './edit.ts';
import { runHostScript } from './host-tools/index.ts';
import { HostError, type Host } from './host.ts';
import { agentComplaint } from './memory/agent.ts';
import { confirmOnTwin, runSwitch, SWITCH_PATH } from './host-tools/dead-man.ts';
import { insideOf } from './memory/guests.ts';
import type { TwinDialect } from './node.ts';
import { runNodeProgram } from './node-programs.ts';
import { runTool } from './tools.ts';
import { waitOnTwin } from './wait.ts';
import type { World } from './world.ts';

export type TwinMachine = {
  readonly world: World;
  readonly host: Host;
  /** The machine that outlives a tool which is killed. */
  readonly base: Host;
  readonly dialect: TwinDialect;
};

/** Runs one operation on a twin. Facts of the node itself are kept under the guest id 0. */
export async function runOperation(
  { world, host, base, dialect }: TwinMachine,
  operation: Operation,
  options: RunOptions,
): Promise<Outcome> {
  switch (operation.op) {
    case 'pve': {
      let argv: readonly string[];
      try {
        argv = dialect.renderArgv(operation);
      } catch (error) {
        return dialect.judge({
          rc: 255,
          stdout: '',
          stderr: error instanceof Error ? error.message : String(error),
        });
      }
      const stdin = dialect.renderStdin?.(operation);
      const how = { ...lines(options), ...(stdin !== undefined && { stdin }) };
      return dialect.judge(await runTool(host, argv, how));
    }
    case 'edit':
      return dialect.judge(await editConfig(host, operation));
    case 'write':
      return write({ world, host, base, dialect }, operation);
    case 'exec': {
      const refusal = await cannotEnter({ world, host, base, dialect }, operation.in);
      if (refusal) return refusal;
      await host.sleep(EXEC_MS);
      if (!isUp(world, operation.in)) return notRunning(operation.in);
      const { facts } = inside(world, operation.in);
      for (const fact of operation.provides ?? []) if (!facts.includes(fact)) facts.push(fact);
      if (operation.in === 'node') await putFiles(host, operation.provides ?? []);
      if (operation.script && operation.in === 'node') {
        const end = await runHostScript({ world, host }, operation.script, operation.env ?? {});
        return end ? outcome(end) : plain(0);
      }
      if (!operation.argv) return plain(0);
      if (operation.in === 'node') {
        const [program = '', ...words] = operation.argv;
        return outcome(
          await (program === SWITCH_PATH
            ? runSwitch(world, { host, base }, words)
            : runNodeProgram(world, host, operation.argv)),
        );
      }
      return outcome(await execIn(host, operation.in, operation.argv, options));
    }
    case 'check': {
      if (!isUp(world, operation.target)) return notRunning(operation.target);
      const refusal = await cannotEnter({ world, host, base, dialect }, operation.in);
      if (refusal) return refusal;
      const { facts } = inside(world, operation.target);
      const missing = (operation.needs ?? []).filter((fact) => !facts.includes(fact));
      return missing.length === 0 ? plain(0) : plain(1, missing.map((fact) => `not so: ${fact}\n`).join(''));
    }
    case 'wait':
      return waitOnTwin({ world, host, base, dialect }, operation, options.signal);
    case 'confirm':
      return outcome(await confirmOnTwin(world, host, operation));
  }
}

/** A fact `file:PATH` of the node is a file there whose content the twin does not know. */
async function putFiles(host: Host, facts: readonly Fact[]): Promise<void> {
  for (const fact of facts) {
    const path = /^file:(\/.*)$/.exec(fact)?.[1];
    if (path === undefined || (await host.files.stat(path)) !== undefined) continue;
    await host.files.makeDirectory(path.slice(0, path.lastIndexOf('/')));
    await host.files.write(path, UNKNOWN_TEXT);
  }
}

/** Something, since an empty file would be another thing. */
const UNKNOWN_TEXT = '?';

/** How long a program in a guest runs, in virtual time. */
const EXEC_MS = 2000;

/** Facts of the node itself, beside those of its guests, whose ids begin at 100. */
const NODE_FACTS = 0;

function inside(world: World, place: Place) {
  return insideOf(world, place === 'node' ? NODE_FACTS : place);
}

function isUp(world: World, place: Place): boolean {
  return place === 'node' || world.guests[place]?.running !== undefined;
}

/** A guest that does not run, or a VM whose agent does not answer, lets nobody in. */
async function cannotEnter(
  { world, host, dialect }: TwinMachine,
  place: Place,
): Promise<Outcome | undefined> {
  if (place === 'node') return undefined;
  if (!isUp(world, place)) return notRunning(place);
  const complaint = await agentComplaint(host, world, place);
  return complaint === undefined
    ? undefined
    : dialect.judge({ rc: 255, stdout: '', stderr: `${complaint}\n` });
}

async function write(
  machine: TwinMachine,
  { in: place, path, mode, ...operation }: Extract<Operation, { op: 'write' }>,
): Promise<Outcome> {
  const { world, host } = machine;
  const content = operation.content instanceof Secret ? operation.content.reveal() : operation.content;
  if (place === 'node') {
    try {
      if (content === null) await host.files.remove(path);
      else await host.files.write(path, content, mode);
      return plain(0);
    } catch (error) {
      if (error instanceof HostError) return plain(1, `${error.message}\n`);
      throw error;
    }
  }
  const refusal = await cannotEnter(machine, place);
  if (refusal) return refusal;
  const { files } = insideOf(world, place);
  if (content === null) delete files[path];
  else files[path] = content;
  return plain(0);
}

async function execIn(
  host: Host,
  vmid: number,
  argv: readonly string[],
  options: RunOptions,
): Promise<CommandResult> {
  const result = { stdout: '', stderr: '' };
  const { onOutput } = lines(options);
  const rc = await host.guests.exec(vmid, argv, {
    keepEnv: false,
    onOutput: (stream, text) => {
      result[stream] += text;
      onOutput?.(stream, text);
    },
  });
  return { rc, ...result };
}

/** Output in whole lines, as a real node hands it on. */
function lines({ onOutput }: RunOptions): {
  onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
} {
  if (!onOutput) return {};
  return {
    onOutput: (stream, text) => {
      for (const line of text.replace(/\n$/, '').split('\n')) onOutput({ stream, text: line });
    },
  };
}

function outcome({ rc, stdout, stderr }: CommandResult): Outcome {
  return { exitCode: rc, stdout, stderr, kind: rc === 0 ? 'done' : 'refused' };
}

function plain(rc: number, stderr = ''): Outcome {
  return outcome({ rc, stdout: '', stderr });
}

function notRunning(place: Place): Outcome {
  return {
    ...plain(1, `${place} does not run\n`),
    diagnostic: { code: 'pve/not-running', severity: 'error', summary: 'The guest does not run' },
  };
}
