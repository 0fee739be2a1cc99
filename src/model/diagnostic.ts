import type { Target } from './target.ts';

/** A place in a configuration file. Lines and columns start at 1; `length` is in characters. */
export type Position = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
  /** The offending line, without its line end. */
  readonly lineText?: string;
};

export type Severity = 'error' | 'warning' | 'notice';

/**
 * A problem with a place, a cause and a remedy. `code` is stable (`config/duplicate-ip`);
 * `summary` is terse and free of user-chosen names where it can be; `detail` says why;
 * `remedy` says what to do, commands on lines of their own.
 */
export type Diagnostic = {
  readonly code: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly position?: Position;
  readonly target?: Target;
};
