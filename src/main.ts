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
  /* A child that outlives its usefulness must not keep the command from ending; stdout is synchronous. */
  process.exit();
}

async function processIo(): Promise<Io> {
  const { fileURLToPath } = await import('node:url');
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
      readAll: async () => {
        let text = '';
        process.stdin.setEncoding('utf8');
        for await (const chunk of process.stdin) text += String(chunk);
        return text;
      },
      lines: () => stdinLines(),
    },
    signal: abortOnSignals(),
    now: Date.now,
    random: Math.random,
    version: packageJson.version,
    nodePath: process.execPath,
    programPath: fileURLToPath(import.meta.url),
    featuresPath: fileURLToPath(new URL('../features', import.meta.url)),
  };
}

/* A reader that went away (`phoenix list | head`) ends the output, never the work. */
function output(stream: NodeJS.WriteStream): TextOutput {
  let isOpen = true;
  stream.on('error', () => {
    isOpen = false;
  });
  return {
    write: (text) => {
      if (isOpen) stream.write(text);
    },
    isTerminal: stream.isTTY,
    columns: stream.columns,
  };
}

async function* stdinLines(): AsyncIterable<string> {
  const { createInterface } = await import('node:readline');
  yield* createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
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

const INTERRUPTED = 130;
