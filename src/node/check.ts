import type { RunOptions } from '../model/node.ts';
import type { CheckOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { runOn, type Machine } from './machine.ts';
import type { Mask } from './mask.ts';
import { askOverNetwork, networkCheckArgv } from './network-check.ts';
import { perlCheckArgv } from './perl-check.ts';
import { outcomeOf, timedOut } from './outcome.ts';
import { runProgram } from './run-program.ts';
import { pause } from './pause.ts';

/** Asks until the answer is yes or the tries are used up; the outcome is the last answer. */
export async function check(
  machine: Machine,
  operation: CheckOperation,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  for (let left = Math.max(1, operation.retries); ; left--) {
    const outcome = await tryOnce(machine, operation, mask, options);
    if (outcome.kind === 'done' || left === 1 || options.signal?.aborted === true) return outcome;
    await pause(operation.intervalMs, options.signal);
  }
}

async function tryOnce(
  machine: Machine,
  { in: place, probe, timeoutMs }: CheckOperation,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  if (probe.kind === 'command') {
    const { argv, script, env = {} } = probe;
    return runProgram(machine, { in: place, argv, script, env, timeoutMs }, mask, options);
  }
  if (machine.network === 'ours')
    return outcomeOf(await askOverNetwork(probe, timeoutMs, options.signal), mask);
  const argv =
    machine.network === 'perl'
      ? perlCheckArgv(probe, timeoutMs)
      : networkCheckArgv(machine.network.nodePath, probe, timeoutMs);
  const end = await runOn(machine, argv, {
    signal: options.signal,
    timeoutMs: timeoutMs + START_MS,
  });
  return end.ended === 'timeout' ? timedOut(end, mask, timeoutMs) : outcomeOf(end, mask);
}

/** What the asking program itself may take to start on a busy machine. */
const START_MS = 5000;
