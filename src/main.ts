import { fstatSync } from 'node:fs';
import type { Io, TextOutput } from './cli/io.ts';
import packageJson from '../package.json' with { type: 'json' };

const words = process.argv.slice(2);
const asksVersion = words.length === 1 && (words[0] === '--version' || words[0] === '-V');
if (asksVersion) process.stdout.write(`phoenix ${packageJson.version}\n`);
else void run();

/* Everything else is loaded from here on: asking for the version costs nothing but this file. */
async function run(): Promise<void> {
  const { phoenix } = await import('./cli/index.ts');
  process.exitCode = await phoenix(await processIo());
  await Promise.all([written(process.stdout), written(process.stderr)]);
  if (isResultLost && process.exitCode === 0) process.exitCode = FAILED;
  /* A child that outlives its usefulness must not keep the command from ending. */
  process.exit();
}

/* A pipe takes what it is given in its own time. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}

async function processIo(): Promise<Io> {
  const { fileURLToPath } = await import('node:url');
  const signal = abortOnSignals();
  return {
    argv: words,
    env: process.env,
    cwd: process.cwd(),
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    stdin: {
      get isTerminal() {
        return process.stdin.isTTY;
      },
      get isPiped() {
        return isPiped();
      },
      chunks: () => process.stdin,
      lines: () => stdinLines(signal),
    },
    signal,
    now: Date.now,
    random: Math.random,
    version: packageJson.version,
    nodePath: process.execPath,
    programPath: fileURLToPath(import.meta.url),
    featuresPath: fileURLToPath(new URL('../features', import.meta.url)),
  };
}

/* Set where a result could not be written though somebody wants it: on a full disk, for one. */
let isResultLost = false;

/* A reader that went away (`phoenix list | head`) ends the output, never the work. */
function output(stream: NodeJS.WriteStream): TextOutput {
  let isOpen = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    isOpen = false;
    if (stream !== process.stdout || error.code === 'EPIPE' || isResultLost) return;
    isResultLost = true;
    process.stderr.write(`phoenix: the result could not be written: ${error.message}\n`);
  });
  return {
    write: (text) => {
      if (isOpen) stream.write(text);
    },
    isTerminal: stream.isTTY,
    columns: stream.columns,
  };
}

function isPiped(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isSocket() || stdin.isFile();
  } catch {
    /* It is closed. */
    return false;
  }
}

/* An interrupt ends the lines, so that nobody waits for one that never comes. */
async function* stdinLines(signal: AbortSignal): AsyncIterable<string> {
  const { createInterface } = await import('node:readline');
  yield* createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY, signal });
}

/* The first signal ends the run cleanly, the second at once. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort();
    });
  }
  return controller.signal;
}

const FAILED = 1;
const INTERRUPTED = 130;
