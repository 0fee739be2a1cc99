import type { Outcome } from '../model/outcome.ts';

/** What a probe said: yes, no, or nothing that can be relied on (it timed out or could not be run). */
export type Verdict = 'yes' | 'no' | 'none';

/** Exit code of what runs a script in a guest, where it could not get as far as the script. */
const NOT_BEGUN = 125;

/** Reads the outcome of a probe. Only an exit code of the program asked can say no. */
export function verdictOf({ kind, exitCode, diagnostic }: Outcome): Verdict {
  if (kind === 'done') return exitCode === null || exitCode === 0 ? 'yes' : 'no';
  const isAnswer = kind === 'refused' && exitCode !== null && exitCode !== NOT_BEGUN;
  return isAnswer && diagnostic === undefined ? 'no' : 'none';
}
