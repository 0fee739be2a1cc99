import type { Folder } from '../../model/desired.ts';
import type { RunResult } from '../../model/plan.ts';
import type { Reporter } from '../../report/index.ts';
import { isJson, type Context } from '../context.ts';
import { mergeResults } from './merge-results.ts';

/** Where the runs of one command are shown. */
export type Reporting = {
  /** A reporter for one run; it is closed when the run has ended. */
  readonly open: () => Promise<Reporter>;
  /** Shows what all runs together did, or would do. */
  readonly finish: (results: readonly RunResult[], exitCode: number) => void;
};

/**
 * Progress goes to stderr as a tree on a terminal and as lines elsewhere, or to stdout as NDJSON; the
 * result goes to stdout. A dry run has no progress, and its result is a plan: one JSON document, or text.
 */
export async function openReporting(
  context: Context,
  { guests }: Folder,
  isDryRun: boolean,
): Promise<Reporting> {
  const { io, options } = context;
  const [report, { describeWith }] = await Promise.all([
    import('../../report/index.ts'),
    import('../../pve/render.ts'),
  ]);
  const isVerbose = options.has('verbose');
  const describe = describeWith((vmid) => guests.get(vmid)?.kind === 'vm');
  const asJson = isJson(context);
  const common = { describe, isVerbose, now: io.now, cwd: io.cwd };
  const isLive = io.stderr.isTerminal && !options.has('plain') && !isVerbose;
  const layout = (output: typeof io.stdout) => ({
    columns: output.columns,
    cwd: io.cwd,
    hasColour: report.wantsColour(io.env, output),
  });
  return {
    open: async () =>
      await report.createReporter({
        ...common,
        ...layout(io.stderr),
        output: asJson && !isDryRun ? io.stdout : io.stderr,
        mode: isDryRun ? 'quiet' : asJson ? 'json' : isLive ? 'live' : 'plain',
      }),
    finish: (results, exitCode) => {
      const result = mergeResults(results, exitCode);
      if (asJson) {
        if (!isDryRun) return;
        const document = report.resultDocument(result, describe);
        io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
        return;
      }
      const text = isDryRun
        ? report.renderPlan(result, { ...layout(io.stdout), describe })
        : report.renderResult(result, layout(io.stdout));
      io.stdout.write(text);
    },
  };
}
