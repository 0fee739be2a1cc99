import type { Folder } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Needs, Node } from '../../model/node.ts';
import type { Observation } from '../../model/observation.ts';
import type { RunResult } from '../../model/plan.ts';
import type { RunRequest } from '../../model/run.ts';
import type { Reporter } from '../../report/index.ts';
import { askForConsent, askToKeep, canAsk } from './ask.ts';
import { missingConsent, widened } from './consent.ts';
import { isJson, type Context } from '../context.ts';
import { EXIT, worstExitCode } from '../exit-code.ts';
import type { Job } from './job.ts';
import { openNode, openPlanTwin, type OpenedNode } from '../nodes/open-node.ts';
import { showDiagnostics } from '../problem.ts';
import { foresee, needsOf, runJob } from './run-job.ts';
import { openReporting, type Reporting } from './reporting.ts';

/** What a verb can do with a node: run jobs, look at it, and say what it did not do. */
export type Session = {
  readonly isDryRun: boolean;
  /** Runs a job and reports it; on a terminal it asks for the consent that was missing and goes on. */
  readonly run: (job: Job) => Promise<RunResult>;
  /** What a job would do now, on a twin of the node; nothing is shown. */
  readonly foresee: (job: Job) => Promise<RunResult>;
  /** Looks at the whole node once. */
  readonly observe: () => Promise<Observation>;
  /** Shows diagnostics; an error among them makes the command fail in the end. */
  readonly tell: (diagnostics: readonly Diagnostic[]) => Promise<void>;
};

/**
 * Opens the node (for `--dry-run` a twin of it), does the work, closes it, and gives the exit code of
 * everything that happened. `needs` is what a twin must know besides what every observation holds.
 */
export async function withSession(
  context: Context,
  folder: Folder,
  work: (session: Session) => Promise<void>,
  open: () => Promise<OpenedNode> = async () => await openNode(context, folder),
): Promise<number> {
  const { io, options } = context;
  const isDryRun = options.has('dry-run');
  const node = await open();
  const codes: number[] = [];
  const results: RunResult[] = [];
  try {
    const reporting = await openReporting(context, folder, isDryRun);
    const stage: Stage = {
      context,
      reporting,
      isDryRun,
      onResult: (result) => {
        results.push(result);
      },
    };
    let twin: Node | undefined;
    const working = work({
      isDryRun,
      run: async (job) => {
        if (isDryRun) twin ??= await openPlanTwin(node, await needsOf(job), io.signal);
        const result = await runAsking(stage, twin ?? node, job);
        codes.push(isDryRun && result.exitCode === EXIT.left ? EXIT.done : result.exitCode);
        return result;
      },
      foresee: async (job) => await foresee(context, node, job),
      observe: async () => await (twin ?? node).observe('all', NO_NEEDS, { signal: io.signal }),
      tell: async (diagnostics) => {
        if (diagnostics.some(({ severity }) => severity === 'error')) codes.push(EXIT.failed);
        await showDiagnostics(io, diagnostics);
      },
    });
    await Promise.race([working, ...(node.killed === undefined ? [] : [death(node.killed)])]);
    const exitCode = worstExitCode(codes);
    reporting.finish(results, exitCode);
    return exitCode;
  } finally {
    await node.close();
  }
}

async function death(killed: Promise<void>): Promise<never> {
  await killed;
  const { Killed } = await import('../nodes/twin-fault.ts');
  throw new Killed();
}

const NO_NEEDS: Needs = { paths: [], volumesOf: [] };

type Stage = {
  readonly onResult: (result: RunResult) => void;
  readonly context: Context;
  readonly reporting: Reporting;
  readonly isDryRun: boolean;
};

/* Consent that was missing is asked for after everything that needed none is done. */
async function runAsking(stage: Stage, node: Node, job: Job): Promise<RunResult> {
  const { context, isDryRun } = stage;
  const result = await runOnce(stage, node, job);
  if (isDryRun || job.agreed || isJson(context) || !canAsk(context.io)) return result;
  const left = result.targets.flatMap((target) => target.left);
  const missing = missingConsent(left, job.consent);
  if (missing.length === 0) return result;
  const granted = await askForConsent(missing);
  if (granted.length === 0) return result;
  return await runOnce(stage, node, { ...job, consent: widened(job.consent, granted) });
}

/* While somebody is asked, the progress does not write over the question. */
function askingOf(reporter: Reporter): NonNullable<RunRequest['ask']> {
  return async (question, timeoutMs) => {
    const release = reporter.hold();
    try {
      return await askToKeep(question, timeoutMs);
    } finally {
      release();
    }
  };
}

async function runOnce(stage: Stage, node: Node, job: Job): Promise<RunResult> {
  const { context, reporting, isDryRun, onResult } = stage;
  const reporter = await reporting.open();
  try {
    const mayAsk = !isDryRun && !isJson(context) && canAsk(context.io);
    const result = await runJob(context, node, job, {
      emit: reporter.emit,
      isJournaled: !isDryRun,
      ...(mayAsk && { ask: askingOf(reporter) }),
    });
    onResult(result);
    return result;
  } finally {
    reporter.close();
  }
}
