import type { ChildProcess } from 'node:child_process';
import { journalLine, type JournalEntry } from '../../model/journal.ts';
import type { Holder, Lock, Node } from '../../model/node.ts';
import { NodeUnreachable } from '../../model/unreachable.ts';

/** The lock and the journal of a node at the far end of a connection. */
export type Keeper = Pick<Node, 'lock' | 'journal'> & {
  /** How far the node's clock is ahead of ours. */
  readonly clockAheadMs: number;
  /** As whom we are logged in there. */
  readonly uid: number;
  /** What to throw once the connection has gone, and with it the lock. */
  readonly lost: () => NodeUnreachable | undefined;
  readonly close: () => Promise<void>;
};

/** Talks to `KEEPER_PL`, which `child` runs; `unreachable` tells why it never began, from what was said on stderr. */
export async function openKeeper(
  child: ChildProcess,
  unreachable: (stderr: string) => NodeUnreachable,
): Promise<Keeper> {
  const waiting: { resolve: (line: Answer) => void; reject: (error: Error) => void }[] = [];
  const chatter: string[] = [];
  let lost: NodeUnreachable | undefined;
  let isOpen = false;
  let stderr = '';
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr = (stderr + chunk).slice(-4000)));
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const answer = parse(line);
      isOpen ||= answer.now !== undefined;
      if (isOpen) waiting.shift()?.resolve(answer);
      else chatter.push(line);
    }
  });
  child.stdin?.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    const end = (error?: Error): void => {
      lost ??= isOpen ? disconnected(stderr) : unreachable(error?.message ?? stderr);
      for (const { reject } of waiting.splice(0)) reject(lost);
      resolve();
    };
    child.on('error', end);
    child.on('close', () => end());
  });
  const next = (): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (lost) reject(lost);
      else waiting.push({ resolve, reject });
    });
  const ask = async (request: Request): Promise<Answer> => {
    const answer = next();
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { error, denied } = await answer;
    if (error !== undefined) throw refusal(error, request.do === 'lock' && denied === 1);
    return answer;
  };

  const began = Date.now();
  const { now = began, uid = -1 } = await next();
  if (chatter.length > 0) throw talkative(chatter);
  const clockAheadMs = now - Math.round((began + Date.now()) / 2);
  return {
    clockAheadMs,
    uid,
    lost: () => lost,
    lock: async (purpose): Promise<Lock> => {
      const { holder } = await ask({ do: 'lock', purpose });
      if (holder) return { acquired: false, holder };
      return { acquired: true, release: async () => void (lost ?? (await ask({ do: 'release' }))) };
    },
    journal: {
      append: async (entry) => void (await ask({ do: 'append', line: journalLine(entry) })),
      finish: async (carry) => void (await ask({ do: 'finish', carry: carry.map(wholeLine).join('') })),
    },
    close: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}

function disconnected(said: string): NodeUnreachable {
  const words = said.trim();
  return new NodeUnreachable({
    code: 'node/disconnected',
    severity: 'error',
    summary: 'The connection to the node was lost',
    detail: `What was begun on it may have gone on.${words === '' ? '' : `\n${words}`}`,
    remedy: 'Run the same command again: it goes on from there.',
  });
}

function talkative(lines: readonly string[]): NodeUnreachable {
  return new NodeUnreachable({
    code: 'node/talkative-shell',
    severity: 'error',
    summary: 'The login shell of the node prints something whenever a command is run',
    detail: lines.slice(0, 5).join('\n'),
    remedy:
      'It cannot be told from what commands print. In ~/.bashrc there, let it be printed only where a person sits:\n  case $- in *i*) ;; *) return ;; esac',
  });
}

type Request = {
  readonly do: 'lock' | 'release' | 'append' | 'finish';
  readonly purpose?: string;
  readonly line?: string;
  readonly carry?: string;
};

type Answer = {
  readonly now?: number;
  readonly uid?: number;
  readonly holder?: Holder;
  readonly error?: string;
  readonly denied?: number;
};

function parse(line: string): Answer {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  return { error: `It answered ${JSON.stringify(line.slice(0, 200))}.` };
}

function wholeLine(entry: JournalEntry): string {
  return `${journalLine(entry)}\n`;
}

/** Without a quorum pmxcfs is read-only and says EACCES. */
function refusal(error: string, isDenied: boolean): Error {
  const detail = error.trim();
  if (!isDenied) return new Error(detail);
  return new NodeUnreachable({
    code: 'node/no-quorum',
    severity: 'error',
    summary: "The cluster's lock cannot be taken",
    detail: `${detail}. Without a quorum a cluster's configuration is read-only.`,
    remedy: 'See `pvecm status`.',
  });
}
