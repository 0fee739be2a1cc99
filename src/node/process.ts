import { kill } from 'node:process';
import { pipeline, Readable, type Writable } from 'node:stream';
import type { OutputLine } from '../model/node.ts';

export type ProcessOptions = {
  /** Given whole, or as it comes; absent: empty. */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** After this the process and its group are ended. */
  readonly timeoutMs?: number;
  /** Ends the process and its group when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each line as it comes, without its end. */
  readonly onLine?: ((line: OutputLine) => void) | undefined;
  /** Called with whole lines as they come, their ends included; the last may have none. */
  readonly onText?: ((stream: OutputLine['stream'], text: string) => void) | undefined;
  /** Goes before others where only so many may run at once: it ends one of them. */
  readonly isUrgent?: boolean;
  /** Ends what it began elsewhere, before it is killed here. */
  readonly stop?: () => Promise<void>;
  /** How long a process that must end has for it, after SIGTERM and before it is killed; absent: none. */
  readonly graceMs?: number | undefined;
  /** Characters of each stream that are kept; of more the end is. */
  readonly keep?: number;
};

/** How a program ended. `rc` is null for one that was killed, that could not be started, or whose machine was lost. */
export type ProcessEnd = {
  readonly rc: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: 'exit' | 'timeout' | 'aborted' | 'killed' | 'missing' | 'disconnected';
};

/**
 * Runs a program to its end, never throwing. It gets a session of its own, so that Ctrl-C at a
 * terminal reaches Phoenix alone.
 */
export async function runProcess(argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessEnd> {
  const { spawn } = await import('node:child_process');
  const [file = '', ...args] = argv;
  if (options.signal?.aborted === true) return { rc: null, stdout: '', stderr: '', ended: 'aborted' };
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      resolve({ rc: null, stdout: '', stderr: messageOf(error), ended: 'missing' });
    };
    const child = trySpawn();
    if (!child) return;
    let ended: ProcessEnd['ended'] = 'exit';
    let killer: NodeJS.Timeout | undefined;
    const end = (why: 'timeout' | 'aborted'): void => {
      ended = why;
      if (options.stop) {
        void options.stop().finally(() => {
          killer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), STOPPED_MS);
        });
        return;
      }
      if (options.graceMs === undefined) return killGroup(child.pid, 'SIGKILL');
      killGroup(child.pid, 'SIGTERM');
      killer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), options.graceMs);
    };
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), options.timeoutMs);
    const abort = (): void => end('aborted');
    options.signal?.addEventListener('abort', abort, { once: true });
    const stdout = collect(child.stdout, 'stdout', options);
    const stderr = collect(child.stderr, 'stderr', options);
    child.on('error', failed);
    child.stdin.on('error', () => {
      // It did not read to the end; its exit code says why.
    });
    give(child.stdin, options.stdin ?? '');
    child.on('exit', () => {
      clearTimeout(timer);
      clearTimeout(killer);
      options.signal?.removeEventListener('abort', abort);
      // A service that the program left behind may hold its output open for ever.
      const lingering = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, LINGER_MS);
      child.on('close', () => clearTimeout(lingering));
    });
    child.on('close', (code, signal) => {
      const how = ended === 'exit' && signal !== null ? 'killed' : ended;
      resolve({ rc: how === 'exit' ? code : null, stdout: stdout(), stderr: stderr(), ended: how });
    });

    function trySpawn() {
      try {
        return spawn(file, args, {
          detached: true,
          env: options.env,
          stdio: ['pipe', 'pipe', 'pipe'],
        });
      } catch (error) {
        // An argument with a NUL, or more of them than the system takes.
        failed(error);
        return undefined;
      }
    }
  });
}

/** What still comes when the program has ended is for nobody. */
function give(to: Writable, stdin: string | Uint8Array | AsyncIterable<Uint8Array>): void {
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) to.end(stdin);
  else pipeline(Readable.from(stdin), to, () => {});
}

/** How soon one ends whose work elsewhere was ended. */
const STOPPED_MS = 1000;
const LINGER_MS = 300;
const KEEP = 1024 * 1024;

function collect(
  stream: NodeJS.ReadableStream,
  name: OutputLine['stream'],
  { onLine, onText, keep = KEEP }: ProcessOptions,
): () => string {
  let chunks: string[] = [];
  let length = 0;
  let rest = '';
  const tail = (): string => (keep === 0 ? '' : chunks.join('').slice(-keep));
  const handOn = (text: string): void => {
    if (text === '') return;
    onText?.(name, text);
    if (!onLine) return;
    for (const line of text.replace(/\n$/, '').split('\n')) onLine({ stream: name, text: lastRewrite(line) });
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > 2 * keep) {
      chunks = [tail()];
      length = keep;
    }
    if (!onLine && !onText) return;
    const text = rest + chunk;
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    handOn(text.slice(0, end));
  });
  stream.on('close', () => handOn(rest));
  return tail;
}

/** What a terminal would show of a line that a program rewrote with carriage returns. */
function lastRewrite(text: string): string {
  return text.replace(/\r+$/, '').split('\r').at(-1) ?? '';
}

function killGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
