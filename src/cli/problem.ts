import type { Diagnostic } from '../model/diagnostic.ts';
import { NodeUnreachable } from '../model/unreachable.ts';
import { SandboxError } from '../sandbox/sandbox-error.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { Stop } from './stop.ts';
import { Killed } from './nodes/twin-fault.ts';

/**
 * Shows why a command ended early and gives its exit code. A `Stop` shows its diagnostics; an abort
 * says how to go on; a node that can't be observed ends with 69; anything else is a bug of ours, told without a stack trace unless
 * `--verbose` or `$PHOENIX_DEBUG` asks for it.
 */
export async function showProblem(io: Io, error: unknown): Promise<number> {
  if (error instanceof Stop) {
    await showDiagnostics(io, error.diagnostics, error.exitCode);
    return error.exitCode;
  }
  if ((error instanceof NodeUnreachable || error instanceof SandboxError) && !io.signal.aborted) {
    await showDiagnostics(io, [error.diagnostic], EXIT.unreachable);
    return EXIT.unreachable;
  }
  if (error instanceof Killed) return EXIT.killed;
  if (io.signal.aborted) {
    io.stderr.write('Interrupted. Run the same command again to go on.\n');
    return EXIT.interrupted;
  }
  const diagnostic: Diagnostic = {
    code: 'cli/bug',
    severity: 'error',
    summary: 'Phoenix came upon something it was not made for. This is a bug in Phoenix.',
    detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    remedy: `Run the same command again: what was done stays done.\nPlease report it with the command, this text and "phoenix --version" (${io.version}).\nPHOENIX_DEBUG=1 adds where it happened.`,
  };
  await showDiagnostics(io, [diagnostic], EXIT.bug);
  if (wantsTrace(io) && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
  return EXIT.bug;
}

/** Diagnostics on stderr, or as one JSON document on stdout where `--json` was asked for. */
export async function showDiagnostics(
  io: Io,
  diagnostics: readonly Diagnostic[],
  exitCode?: number,
): Promise<void> {
  if (diagnostics.length === 0) return;
  if (exitCode !== undefined && wantsJson(io)) {
    io.stdout.write(`${JSON.stringify({ exitCode, diagnostics }, null, 2)}\n`);
    return;
  }
  const { renderDiagnostics, wantsColour } = await import('../report/index.ts');
  const { columns } = io.stderr;
  const hasColour = wantsColour(io.env, io.stderr);
  io.stderr.write(renderDiagnostics(diagnostics, { columns, cwd: io.cwd, hasColour }));
}

/* Asked of the words themselves: the command line may be the very thing that could not be parsed. */
function wantsJson(io: Io): boolean {
  return ownWords(io).includes('--json');
}

function wantsTrace(io: Io): boolean {
  const words = ownWords(io);
  return words.includes('--verbose') || words.includes('-v') || Boolean(io.env['PHOENIX_DEBUG']);
}

function ownWords(io: Io): readonly string[] {
  const end = io.argv.indexOf('--');
  return end === -1 ? io.argv : io.argv.slice(0, end);
}
