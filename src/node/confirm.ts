import type { RunOptions } from '../model/node.ts';
import type { ConfirmOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { readSwitchState, SWITCH } from '../pve/host/dead-man.ts';
import type { Mask } from './mask.ts';
import { DONE, outcomeOf } from './outcome.ts';
import { pause } from './pause.ts';
import type { ProcessEnd } from './process.ts';

/** How a node can be asked whether a change left it reachable. */
export type ConfirmWays = {
  /**
   * Runs a program on the node. From outside each call makes a connection of its own, now, and never
   * uses one that was open before; `address` is where it connects to, absent: where the node was.
   */
  readonly run: (
    argv: readonly string[],
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
    address?: string,
  ) => Promise<ProcessEnd>;
  /** Asks whoever sits at the terminal; absent where nobody does. */
  readonly ask?: ((question: string, timeoutMs: number) => Promise<boolean>) | undefined;
};

/**
 * Confirms a change to the switch that would take it back: once the change is made, the gateway must
 * answer the node, and over a way that the change could have broken the switch is told to keep it.
 * Where that does not happen in time, it waits until the old state is back, and refuses.
 */
export async function confirmChange(
  operation: ConfirmOperation,
  ways: ConfirmWays,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  const { name, token, gateway, timeoutMs } = operation;
  const until = performance.now() + timeoutMs;
  const left = (): number => Math.max(0, until - performance.now());
  const call = anywhere(operation, ways, options.signal);
  let why = 'The change did not end in time.';
  while (left() > 0 && options.signal?.aborted !== true) {
    const state = await call([SWITCH.path, 'applied', name, token], Math.min(left(), TRY_MS));
    if (state.rc === TAKEN_BACK) return notKept(reasonIn(state) ?? why, mask);
    if (state.rc !== 0) {
      if (state.rc !== NOT_YET)
        why = `The node could not be reached again: ${lastLine(state.stderr) ?? 'no answer'}`;
      await pause(PAUSE_MS, options.signal);
      continue;
    }
    const found = gateway === undefined ? state : await call([SWITCH.path, 'reach', gateway], TRY_MS);
    if (found.rc !== 0) {
      why = `The gateway ${gateway} does not answer the node.`;
      await pause(PAUSE_MS, options.signal);
      continue;
    }
    if (ways.ask && !(await ways.ask(`Keep the new ${name}?`, left()))) {
      why = 'Nobody said yes.';
      break;
    }
    const end = await call([SWITCH.path, 'confirm', name, token], TRY_MS);
    if (end.rc === 0) return DONE;
    if (end.rc === TAKEN_BACK) return notKept(reasonIn(end) ?? why, mask);
  }
  if (options.signal?.aborted === true) return outcomeOf(ABORTED, mask);
  return waitForOldState(operation, { why, call }, mask);
}

/** What the switch answers: the change is not made yet; it is taken back. */
const NOT_YET = 11;
const TAKEN_BACK = 12;
const TRY_MS = 15_000;
const PAUSE_MS = 500;
/** What taking back may last: the time of the switch itself, and that of loading the old state. */
const RETURN_MS = 150_000;
const SETTLE_S = 10;
const ABORTED: ProcessEnd = { rc: null, stdout: '', stderr: '', ended: 'aborted' };

type Call = (argv: readonly string[], timeoutMs: number) => Promise<ProcessEnd>;

/** Calls the node where it answers: where it did last, where it was, or under one of its new addresses. */
function anywhere(
  { addresses }: ConfirmOperation,
  { run }: ConfirmWays,
  signal: AbortSignal | undefined,
): Call {
  const places: readonly (string | undefined)[] = [undefined, ...addresses];
  let last: string | undefined;
  return async (argv, timeoutMs) => {
    let silence: ProcessEnd | undefined;
    for (const place of [last, ...places.filter((one) => one !== last)]) {
      const end = await run(argv, { timeoutMs, signal }, place);
      if (!isUnreached(end)) {
        last = place;
        return end;
      }
      silence ??= end;
    }
    return silence ?? ABORTED;
  };
}

/** ssh says 255 where it could not connect. */
function isUnreached({ rc }: ProcessEnd): boolean {
  return rc === null || rc === 255;
}

async function waitForOldState(
  { name }: ConfirmOperation,
  { why, call }: { readonly why: string; readonly call: Call },
  mask: Mask,
): Promise<Outcome> {
  const until = performance.now() + RETURN_MS;
  while (performance.now() < until) {
    // Each call is short: a connection that began while nothing got through may hang.
    const end = await call([SWITCH.path, 'settle', name, String(SETTLE_S)], SETTLE_S * 1000 + TRY_MS);
    if (end.rc === 0) return notKept(why, mask);
    await pause(PAUSE_MS, undefined);
  }
  return notKept(`${why} Since then the node has not said that the old state is back.`, mask);
}

function notKept(why: string, mask: Mask): Outcome {
  return {
    exitCode: null,
    stdout: '',
    stderr: '',
    kind: 'refused',
    diagnostic: {
      code: 'node/change-taken-back',
      severity: 'error',
      summary: 'The change was not confirmed, and the node took it back',
      detail: mask(why),
      remedy:
        'The old configuration is in force. Correct the addresses, the gateway or the rules in the folder, then run the same command again.',
    },
  };
}

/** Why the switch took it back, as its state says. */
function reasonIn({ stdout }: ProcessEnd): string | undefined {
  return readSwitchState(lastLine(stdout))?.reason;
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '');
}
