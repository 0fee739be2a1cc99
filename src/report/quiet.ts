import { renderDiagnostic } from './diagnostics.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

/** Says nothing but diagnostics: for a plan, whose result says the rest. */
export function createQuietReporter(options: ReporterOptions): Reporter {
  return {
    emit: (event) => {
      if (event.event === 'diagnostic') options.output.write(renderDiagnostic(event.diagnostic, options));
    },
    hold: () => () => {},
    close: () => {},
  };
}
