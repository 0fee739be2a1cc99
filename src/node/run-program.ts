import { randomUUID } from 'node:crypto';
import type { RunOptions } from '../model/node.ts';
import type { Script } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Place } from '../model/target.ts';
import type { Value } from '../model/value.ts';
import { COMMAND_SH, RUN_SH, STOP_SH } from './guest-programs.ts';
import { maskedOutput, runIn, type Machine } from './machine.ts';
import type { Mask } from './mask.ts';
import { outcomeOf, refused, timedOut } from './outcome.ts';
import type { ProcessEnd } from './process.ts';
import { envPayload, scriptPayload, type Payload } from './script-payload.ts';

export type Program = {
  readonly in: Place;
  readonly argv?: readonly string[] | undefined;
  readonly script?: Script | undefined;
  readonly env: Readonly<Record<string, Value>>;
  readonly timeoutMs: number;
};

/**
 * Runs a command or a script on the node or in a guest. Values of its environment, its inputs and
 * its files travel by stdin into a private folder under /run there. A script takes the place's script
 * lock first. At its limit, or when aborted, everything that it started is ended.
 */
export async function runProgram(
  machine: Machine,
  program: Program,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  const token = randomUUID();
  const prepared = prepare(program, token);
  if (typeof prepared === 'string') return refused(cannotRun(prepared));
  // Rounded up, so that a limit below a second does not become none.
  const limit = String(Math.max(1, Math.ceil(program.timeoutMs / 1000)));
  const words = prepared.isScript
    ? ['sh', '-c', RUN_SH, 'phoenix-run', token, 'lock', limit, ...prepared.command]
    : prepared.archive
      ? ['sh', '-c', RUN_SH, 'phoenix-run', token, 'free', limit, ...prepared.command]
      : ['sh', '-c', COMMAND_SH, 'phoenix-run', token, limit, ...prepared.command];
  const started = performance.now();
  let stopping: Promise<void> | undefined;
  const stop = (): void => void (stopping ??= stopRun(machine, program.in, token));
  options.signal?.addEventListener('abort', stop, { once: true });
  const end = await runIn(machine, program.in, words, {
    stdin: prepared.archive,
    onLine: maskedOutput(options, mask),
    timeoutMs: program.timeoutMs + (prepared.isScript ? WAIT_FOR_OTHERS_MS : 0) + GRACE_MS,
  });
  options.signal?.removeEventListener('abort', stop);
  await stopping;
  if (options.signal?.aborted === true) return outcomeOf({ ...end, rc: null, ended: 'aborted' }, mask);
  const took = performance.now() - started;
  if (!isTimeout(end, took, program.timeoutMs)) return outcomeOf(end, mask);
  // Not every `timeout` ends more than the program that it started.
  await stopRun(machine, program.in, token);
  return timedOut(end, mask, program.timeoutMs);
}

/** How long a script may wait for one that an earlier run left behind. */
const WAIT_FOR_OTHERS_MS = 3_600_000;
/** How long after its own limit a program is waited for, before the command that runs it is killed. */
const GRACE_MS = 20_000;
/** What `timeout` exits with: at its limit, after it had to kill, and BusyBox's at its limit. */
const TIMEOUT_CODES: readonly (number | null)[] = [124, 137, 143];

type Prepared = {
  readonly archive?: Uint8Array;
  readonly command: readonly string[];
  readonly isScript: boolean;
};

function prepare({ argv, script, env }: Program, token: string): Prepared | string {
  if (script) {
    const payload: Payload | string = scriptPayload(script, env, `/run/phoenix/${token}`);
    return typeof payload === 'string' ? payload : { ...payload, isScript: true };
  }
  const command = argv ?? [];
  if (command.length === 0) return 'There is no command to run.';
  if (Object.keys(env).length === 0) return { command, isScript: false };
  const archive = envPayload(env);
  return typeof archive === 'string' ? archive : { archive, command, isScript: false };
}

function isTimeout(end: ProcessEnd, tookMs: number, limitMs: number): boolean {
  return end.ended === 'timeout' || (TIMEOUT_CODES.includes(end.rc) && tookMs >= limitMs);
}

async function stopRun(machine: Machine, place: Place, token: string): Promise<void> {
  const words = ['sh', '-c', STOP_SH, 'phoenix-stop', `PHOENIX_RUN=${token}`];
  await runIn(machine, place, words, { timeoutMs: GRACE_MS, isUrgent: true });
}

function cannotRun(detail: string) {
  return {
    code: 'node/cannot-run',
    severity: 'error',
    summary: 'This program cannot be run',
    detail,
  } as const;
}
