import type { Change } from '../../model/change.ts';
import type { Grant } from './consent.ts';
import { isJson, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { stop } from '../stop.ts';

/** Is somebody there to answer? */
export function canAsk(io: Io): boolean {
  return io.stdin.isTerminal && io.stderr.isTerminal && !io.signal.aborted;
}

/** Asks for each effect on each target by itself; no answer, or Ctrl-C, is a no to all that remain. */
export async function askForConsent(
  missing: readonly (Grant & { readonly changes: readonly Change[] })[],
): Promise<readonly Grant[]> {
  const { confirm, isCancel } = await import('@clack/prompts');
  const granted: Grant[] = [];
  for (const { target, effect, changes } of missing) {
    const what = changes.map(({ attribute }) => attribute).join(', ');
    const message = `${target === 'node' ? 'The node' : `Guest ${target}`}: ${what} ${QUESTIONS[effect]}`;
    const answer = await confirm({ message, initialValue: false });
    if (isCancel(answer)) break;
    if (answer) granted.push({ target, effect });
  }
  return granted;
}

/** Asks "proceed?"; true only for a yes. */
export async function askToProceed(message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return (await confirm({ message, initialValue: false })) === true;
}

/**
 * Goes on where `--yes` or somebody at the terminal says so; otherwise stops with 3. `not` says what
 * was not done then.
 */
export async function proceedOrStop(
  context: Context,
  said: { readonly question: string; readonly not: string; readonly detail: string },
): Promise<void> {
  if (context.options.has('yes')) return;
  const code = 'cli/not-confirmed';
  if (canAsk(context.io) && !isJson(context)) {
    if (await askToProceed(said.question)) return;
    throw stop(EXIT.left, { code, summary: `Not confirmed: ${said.not}` });
  }
  throw stop(EXIT.left, {
    code,
    summary: `This needs a yes, and there is no terminal to ask: ${said.not}`,
    detail: said.detail,
    remedy: 'Add --yes. See what it would do: --dry-run.',
  });
}

/** Asks whether a change of the host is to stay. No answer in time, or Ctrl-C, is a no. */
export async function askToKeep(question: string, timeoutMs: number): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  const message = `${question} It is taken back in ${Math.floor(timeoutMs / 1000)} s unless you say yes.`;
  const signal = AbortSignal.timeout(timeoutMs);
  return (await confirm({ message, initialValue: false, signal })) === true;
}

const QUESTIONS: Readonly<Record<Change['effect'], string>> = {
  live: 'can be done without anyone noticing. Do it?',
  restart: 'needs a restart. Restart it now?',
  'interrupts-network': 'interrupts its network. Do it now?',
  reboot: 'needs a reboot. Reboot it now?',
  'detaches-volume': 'detaches a volume (it is kept as unused). Detach it?',
  recreate: 'needs it to be made anew; what is in it is lost. Make it anew?',
  'destroys-data': 'destroys data. Destroy it?',
};
