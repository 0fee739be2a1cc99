import type { Host } from '../host.ts';
import { ToolError } from './errors.ts';

/** One run of one tool: what it was given, what it prints, what it holds. */
export type Session = {
  readonly host: Host;
  readonly stdin: string | 'inherit' | undefined;
  /** Prints to stdout; the text brings its own line ends. */
  readonly print: (text: string) => void;
  /** Prints a complaint: to stderr, and inside of a worker to stdout, where its log goes. */
  readonly warn: (line: string) => void;
  readonly fail: (text: string) => void;
  /** What the last failed system call left behind; Perl's `die` exits with it. */
  errno: number;
  /** Is this inside of a worker task? */
  isWorker: boolean;
  /** How the last worker ended; commands that wait for one exit with 255 where it failed. */
  workerFailed: boolean;
  /** Locks held, by path: the tools may take them again. */
  readonly held: Set<string>;
  /** Config files already read, by path: they are complained about once a version. */
  readonly seen: Map<string, string>;
};

/** Begins a tool's run; `emit` takes its output as it comes. */
export function openSession(
  host: Host,
  stdin: string | 'inherit' | undefined,
  emit: (stream: 'stdout' | 'stderr', text: string) => void,
): Session {
  const session: Session = {
    host,
    stdin,
    print: (text) => emit('stdout', text),
    warn: (line) => emit(session.isWorker ? 'stdout' : 'stderr', `${line}\n`),
    fail: (text) => emit('stderr', text),
    errno: 0,
    isWorker: false,
    workerFailed: false,
    held: new Set(),
    seen: new Map(),
  };
  return session;
}

/**
 * Runs code as a worker task: registered while it runs, its complaint goes to stderr in one line, and
 * the tool goes on. Inside of a worker it simply runs.
 */
export async function runWorker(
  session: Session,
  type: string,
  id: string | number,
  code: () => Promise<void>,
): Promise<void> {
  if (session.isWorker) return code();
  const task = await session.host.beginTask(type, String(id));
  session.isWorker = true;
  session.workerFailed = false;
  try {
    await code();
  } catch (error) {
    if (!isComplaint(error)) throw error;
    session.workerFailed = true;
    session.fail(`${error.message.replaceAll('\n', ' ')}\n`);
  } finally {
    session.isWorker = false;
    await task.end();
  }
}

/**
 * Holds a lock file while code runs, as `PVE::Tools::lock_file` does; taken again by the same tool
 * it is simply held on. Gives up after `timeoutMs`.
 */
export async function withLock<T>(
  session: Session,
  path: string,
  timeoutMs: number,
  code: () => Promise<T>,
  isShared = false,
): Promise<T> {
  if (session.held.has(path)) return code();
  let hasWaited = false;
  const release = await session.host.lock(
    path,
    timeoutMs,
    () => {
      hasWaited = true;
      session.warn('trying to acquire lock...');
    },
    isShared,
  );
  if (release === undefined) throw new ToolError(`can't lock file '${path}' - got timeout`);
  if (hasWaited) session.warn(' OK');
  session.held.add(path);
  try {
    return await code();
  } finally {
    session.held.delete(path);
    await release();
  }
}

/** Is this something that a tool says, and not a bug or the tool's own death? */
export function isComplaint(error: unknown): error is Error {
  return error instanceof ToolError || (error instanceof Error && error.name === 'HostError');
}

/** The text of a complaint without its last line end. */
export function messageOf(error: Error): string {
  return error.message.replace(/\n$/, '');
}
