import { isProbe, type Operation } from '../model/operation.ts';
import type { Observation } from '../model/observation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Context } from './context.ts';
import { carriedDiagnostic, describeError, Interrupted } from './trouble.ts';

/** Gate of everything that changes the node, and of what only looks. */
const WORK_GATE = 'node';
export const LOOK_GATE = 'node:probes';

/** How long and how often an operation that meets a lock or a task is tried again. */
const BUSY_LIMIT_MS = 300_000;
const MOST_TRIES = 40;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 20_000;

/** A question that takes longer may have been answered by a node that has changed meanwhile. */
const LONG_QUESTION_MS = 1_000;

/**
 * Runs one operation: its fills filled from the view that the step decided on, behind its gates,
 * written to the journal before and after where it changes something, tried again while the node is
 * busy. Throws `Interrupted` before it starts, or where a question was cut short.
 */
export async function execute(context: Context, asked: Operation, view: Observation): Promise<Outcome> {
  const { request, journal, say } = context;
  const { node } = request;
  const { target, step } = asked;
  const operation = request.dialect.fill(asked, view);
  let close: ((outcome: Outcome) => Promise<void>) | undefined;
  let startedAt = 0;

  const attempt = async (tries: number): Promise<Outcome> => {
    const leave = await context.gates.enter([isProbe(asked) ? LOOK_GATE : WORK_GATE, ...asked.gates]);
    try {
      if (request.signal?.aborted && tries === 0) throw new Interrupted();
      if (tries === 0) {
        if (!isProbe(asked)) close = await journal.begin(target, step, operation);
        startedAt = node.now();
        say({ event: 'operation-start', target, step, operation });
      }
      return await runOnce(context, operation);
    } finally {
      leave();
    }
  };

  let outcome = await attempt(0);
  for (let tries = 1; outcome.kind === 'busy' && !request.signal?.aborted; tries += 1) {
    if (tries >= MOST_TRIES || node.now() - startedAt > BUSY_LIMIT_MS) break;
    const inMs = pauseBefore(tries, request.random());
    say({ event: 'operation-retry', target, operation, reason: reasonOf(outcome), inMs });
    await pause(context, inMs);
    if (request.signal?.aborted) break;
    outcome = await attempt(tries);
  }
  const elapsedMs = Math.max(0, node.now() - startedAt);
  say({ event: 'operation-end', target, step, operation, outcome, elapsedMs });
  // Whoever waited did so because the node was changing; a question answered at once shows nothing new.
  if (asked.op !== 'check' || elapsedMs >= LONG_QUESTION_MS) context.touched.add(target);
  await close?.(outcome);
  if (request.signal?.aborted && outcome.kind !== 'done') throw new Interrupted();
  return outcome;
}

/* The node knows what an interrupt may end (a script, a wait) and what must be let to its end. */
async function runOnce({ request, say }: Context, operation: Operation): Promise<Outcome> {
  const { target, step } = operation;
  const { signal, ask } = request;
  try {
    return await request.node.run(operation, {
      ...(signal && { signal }),
      ...(ask && { ask }),
      onOutput: (line) => say({ event: 'output', target, step, line }),
    });
  } catch (error) {
    const diagnostic = carriedDiagnostic(error);
    if (!diagnostic) throw error;
    return { exitCode: null, stdout: '', stderr: describeError(error), kind: 'lost', diagnostic };
  }
}

function pauseBefore(tries: number, random: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  return Math.round(longest * (0.5 + random / 2));
}

async function pause({ request }: Context, milliseconds: number): Promise<void> {
  try {
    await request.node.sleep(milliseconds, request.signal);
  } catch (error) {
    if (!request.signal?.aborted) throw error;
  }
}

function reasonOf(outcome: Outcome): string {
  return outcome.diagnostic?.summary ?? lastLine(outcome.stderr) ?? 'the node is busy';
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '');
}
