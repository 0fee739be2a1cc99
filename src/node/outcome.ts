import type { Diagnostic } from '../model/diagnostic.ts';
import type { Outcome } from '../model/outcome.ts';
import { judge, judgeProgram } from '../pve/messages.ts';
import type { Mask } from './mask.ts';
import type { ProcessEnd } from './process.ts';

/** The outcome of one of Proxmox's tools, whose messages say what happened; secrets masked. */
export function toolOutcome(end: ProcessEnd, mask: Mask): Outcome {
  if (end.rc === null) return outcomeOf(end, mask);
  return judge({ rc: end.rc, stdout: mask(end.stdout), stderr: mask(end.stderr) });
}

/** The outcome of any other program, of which only the exit code counts; secrets masked. */
export function outcomeOf(end: ProcessEnd, mask: Mask): Outcome {
  const texts = { stdout: mask(end.stdout), stderr: mask(end.stderr) };
  if (end.rc !== null) return judgeProgram({ rc: end.rc, ...texts });
  const diagnostic = LOST[end.ended];
  const kind = end.ended === 'missing' ? 'refused' : 'lost';
  return { exitCode: null, ...texts, kind, ...(diagnostic && { diagnostic }) };
}

/** An operation that was not begun, and why. */
export function refused(diagnostic: Diagnostic): Outcome {
  return { exitCode: null, stdout: '', stderr: '', kind: 'refused', diagnostic };
}

/** An operation of our own that did what it says. */
export const DONE: Outcome = { exitCode: 0, stdout: '', stderr: '', kind: 'done' };

/** A limit that passed without an answer. */
export function timedOut(end: ProcessEnd, mask: Mask, timeoutMs: number): Outcome {
  return {
    exitCode: null,
    stdout: mask(end.stdout),
    stderr: mask(end.stderr),
    kind: 'lost',
    diagnostic: {
      code: 'node/timeout',
      severity: 'error',
      summary: `No end after ${timeoutMs / 1000} s`,
      detail: 'It was stopped, with everything that it had started.',
      remedy: 'Look at its last lines. If it only needs longer, raise its timeout.',
    },
  };
}

const LOST: Partial<Record<ProcessEnd['ended'], Diagnostic>> = {
  aborted: {
    code: 'node/interrupted',
    severity: 'error',
    summary: 'Interrupted',
    remedy: 'Run the same command again: it goes on from there.',
  },
  killed: {
    code: 'node/killed',
    severity: 'error',
    summary: 'The program was killed by somebody',
    remedy: 'See `dmesg` and `journalctl -e` on the node, then run the same command again.',
  },
  disconnected: {
    code: 'node/disconnected',
    severity: 'error',
    summary: 'The connection to the node was lost',
    detail: 'What was begun on it may have gone on.',
    remedy: 'Run the same command again: it goes on from there.',
  },
  missing: {
    code: 'node/program-missing',
    severity: 'error',
    summary: 'A program could not be started on the node',
    remedy: 'Is this a Proxmox VE host, and are you root on it?',
  },
};
