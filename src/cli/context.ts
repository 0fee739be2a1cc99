import type { Io } from './io.ts';
import type { OptionValues } from './command-line/parse.ts';
import type { Verb } from './verb.ts';

/** What a verb's `run` gets: what was asked, and the process it runs in. */
export type Context = {
  readonly io: Io;
  readonly verb: Verb;
  readonly options: OptionValues;
  readonly operands: readonly string[];
  /** What follows `--`, where the verb takes a command and there was one. */
  readonly command: readonly string[] | undefined;
};

/** Results and events as JSON on stdout. */
export function isJson(context: Pick<Context, 'options'>): boolean {
  return context.options.has('json');
}

/** One JSON document on stdout. */
export function writeJson(io: Io, document: unknown): void {
  io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
