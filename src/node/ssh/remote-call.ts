import type { ProcessOptions } from '../process.ts';
import { quoteForShell } from './quote.ts';

/** What is handed to `ssh`: the line for the far shell, and the input. */
export type RemoteCall = { readonly line: string; readonly stdin: ProcessOptions['stdin'] };

/**
 * A command and its input as they go over the connection. The far shell gets the line as one argument,
 * which Linux lets be 128 KiB long (MAX_ARG_STRLEN); a longer one goes before the input.
 */
export function remoteCall(argv: readonly string[], stdin: ProcessOptions['stdin']): RemoteCall {
  const line = Buffer.from(quoteForShell(argv), 'utf8');
  if (line.length <= LONGEST) return { line: `exec ${line}`, stdin };
  const take = quoteForShell(['sh', '-c', TAKE_SH, 'phoenix-ssh', String(line.length)]);
  return { line: `exec ${take}`, stdin: following(line, stdin) };
}

const LONGEST = 100_000;

/* What it evaluates is quoted as what `ssh` hands to a shell. */
const TAKE_SH = 'eval "exec $(head -c "$1")"';

async function* following(line: Buffer, stdin: ProcessOptions['stdin']): AsyncGenerator<Uint8Array> {
  yield line;
  if (typeof stdin === 'string') yield Buffer.from(stdin, 'utf8');
  else if (stdin instanceof Uint8Array) yield stdin;
  else if (stdin !== undefined) yield* stdin;
}
