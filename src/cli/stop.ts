import type { Diagnostic } from '../model/diagnostic.ts';
import { EXIT } from './exit-code.ts';

/** Ends a command before it did anything: diagnostics to show, and the exit code that goes with them. */
export class Stop extends Error {
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];

  constructor(exitCode: number, diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.summary).join('\n'));
    this.name = 'Stop';
    this.exitCode = exitCode;
    this.diagnostics = diagnostics;
  }
}

/** A `Stop` for a command line that can't be understood; `code` is stable (`cli/unknown-option`). */
export function usageStop(code: string, summary: string, remedy?: string): Stop {
  return new Stop(EXIT.usage, [
    { code, severity: 'error', summary, ...(remedy === undefined ? {} : { remedy }) },
  ]);
}

/** A `Stop` with one error and the exit code given. */
export function stop(exitCode: number, error: Omit<Diagnostic, 'severity'>): Stop {
  return new Stop(exitCode, [{ severity: 'error', ...error }]);
}
