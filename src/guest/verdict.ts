import type { Outcome } from '../model/outcome.ts';

/** What a probe said: yes, no, or nothing that can be relied on (it timed out or could not be run). */
export type Verdict = 'yes' | 'no' | 'none';

/** Reads the outcome of a probe. Only an exit code can say no. */
export function verdictOf({ kind, exitCode }: Outcome): Verdict {
  if (kind === 'done') return exitCode === null || exitCode === 0 ? 'yes' : 'no';
  return kind === 'refused' && exitCode !== null ? 'no' : 'none';
}
