import type { RunOptions } from '../model/node.ts';
import type { WaitOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { judgeWait } from '../pve/qemu/judge-wait.ts';
import { agentWaitArgv, CLOUD_INIT_WAIT, consoleArgv } from './agent/index.ts';
import { runIn, runOn, type Machine } from './machine.ts';
import type { Mask } from './mask.ts';
import { outcomeOf } from './outcome.ts';
import { pause } from './pause.ts';
import type { ProcessEnd } from './process.ts';

/**
 * Waits for the guest agent or the Cloud-Init of a VM; what was seen last is told. Now and then it says
 * that it still waits: a first boot can take minutes.
 */
export async function waitInMachine(
  machine: Machine,
  operation: WaitOperation & { readonly in: number },
  mask: Mask,
  { signal, onOutput }: RunOptions,
): Promise<Outcome> {
  const began = performance.now();
  const ticker = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1000);
    onOutput?.({ stream: 'stdout', text: `waiting for ${AWAITED[operation.for]}: ${seconds} s` });
  }, TICK_MS);
  try {
    return await waitQuietly(machine, operation, mask, signal);
  } finally {
    clearInterval(ticker);
  }
}

const TICK_MS = 10_000;
const AWAITED: Readonly<Record<string, string>> = { agent: 'the guest agent', 'cloud-init': 'Cloud-Init' };

async function waitQuietly(
  machine: Machine,
  operation: WaitOperation & { readonly in: number },
  mask: Mask,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const until = performance.now() + operation.timeoutMs;
  for (;;) {
    const left = Math.max(0, until - performance.now());
    const end = await askOnce(machine, operation, left, signal);
    if (end.ended === 'aborted') return outcomeOf(end, mask);
    const isTimedOut = performance.now() >= until;
    const last = { rc: end.rc ?? -1, stdout: mask(end.stdout), stderr: mask(end.stderr) };
    const console = isTimedOut ? await consoleOf(machine, operation.in) : [];
    const outcome = judgeWait({ operation, last, isTimedOut, console: console.map(mask) });
    if (outcome) return outcome;
    await pause(RETRY_MS, signal);
  }
}

const RETRY_MS = 1000;
/** What the asking itself may take. */
const GRACE_MS = 20_000;
const CONSOLE_LINES = 10;

function askOnce(
  machine: Machine,
  { in: place, for: state }: WaitOperation & { readonly in: number },
  leftMs: number,
  signal: AbortSignal | undefined,
): Promise<ProcessEnd> {
  const seconds = String(Math.max(1, Math.ceil(leftMs / 1000)));
  const options = { signal, timeoutMs: leftMs + GRACE_MS };
  return state === 'agent'
    ? runOn(machine, agentWaitArgv(place, seconds), options)
    : runIn(machine, place, [...CLOUD_INIT_WAIT, seconds], options);
}

async function consoleOf(machine: Machine, vmid: number): Promise<string[]> {
  if (!machine.isVm(vmid)) return [];
  const { stdout } = await runOn(machine, consoleArgv(vmid), { timeoutMs: GRACE_MS });
  const lines = stdout.split(/[\r\n]+/).map(plain);
  return lines.filter((line) => line !== '').slice(-CONSOLE_LINES);
}

/** A line without what only a terminal understands. */
function plain(line: string): string {
  return line
    .replaceAll(/\p{Cc}(?:\[[0-?]*[ -/]*[@-~]|\][^\p{Cc}]*\p{Cc})/gu, '')
    .replaceAll(/\p{Cc}/gu, '')
    .trimEnd();
}
