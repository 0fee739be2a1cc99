import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { phoenix } from '../../src/cli/index.ts';
import type { Io } from '../../src/cli/io.ts';

export type RunOptions = {
  /** Files of the working directory (and configuration folder): path to text, or data to write as JSON. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** A working directory of an earlier run, to go on in. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Takes the place of what the process would give. */
  readonly io?: Partial<Io>;
  /** A terminal of this width on all three streams. */
  readonly columns?: number;
};

export type RunOutcome = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly cwd: string;
};

/**
 * Runs a command line in this process, in a temporary folder of its own that goes away with the test.
 * A string is split at spaces, quotes kept together; give a list for anything more.
 */
export async function runPhoenix(
  commandLine: string | readonly string[],
  options: RunOptions = {},
): Promise<RunOutcome> {
  const cwd = options.cwd ?? (await temporaryFolder());
  await writeFiles(cwd, options.files ?? {});
  const out = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      out[name] += text;
    },
    isTerminal: options.columns !== undefined,
    columns: options.columns,
  });
  let ticks = 0;
  const exitCode = await phoenix({
    argv: typeof commandLine === 'string' ? words(commandLine) : commandLine,
    env: options.env ?? {},
    cwd,
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: {
      isTerminal: options.columns !== undefined,
      isPiped: options.stdin !== undefined,
      chunks: async function* chunks() {
        yield Buffer.from(options.stdin ?? '');
      },
      lines: async function* lines() {
        yield* (options.stdin ?? '').split('\n').filter((line) => line !== '');
      },
    },
    signal: options.signal ?? new AbortController().signal,
    now: () => Date.UTC(2026, 0, 1) + (ticks += 1),
    random: () => 0.5,
    version: '0.0.0-test',
    nodePath: process.execPath,
    programPath: join(ROOT, 'dist', 'phoenix.cjs'),
    featuresPath: join(ROOT, 'features'),
    ...options.io,
  });
  return { exitCode, ...out, cwd };
}

/** A new folder that goes away when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'phoenix-test-'));
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  return folder;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function writeFiles(folder: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
}

function words(commandLine: string): readonly string[] {
  return [...commandLine.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}
