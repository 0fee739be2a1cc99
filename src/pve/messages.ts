import type { Outcome } from '../model/outcome.ts';

/** What a program's end means. */
export function judge(end: {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}): Outcome {
  return {
    exitCode: end.rc,
    stdout: end.stdout,
    stderr: end.stderr,
    kind: end.rc === 0 ? 'done' : 'refused',
  };
}
