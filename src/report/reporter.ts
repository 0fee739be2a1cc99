import type { RunEvent } from '../model/event.ts';
import { createJsonReporter } from './json-lines.ts';
import type { Describe, Output, RenderOptions } from './output.ts';
import { createPlainReporter } from './plain.ts';
import { createQuietReporter } from './quiet.ts';

/** Turns a run's events into text while it goes on. */
export type Reporter = {
  readonly emit: (event: RunEvent) => void;
  /** Keeps the terminal free for a prompt until the result is called; what happens meanwhile is kept. */
  readonly hold: () => () => void;
  /** Leaves the terminal tidy. Nothing may be emitted afterwards. */
  readonly close: () => void;
};

export type ReporterOptions = RenderOptions & {
  /** Progress goes to stderr, JSON events to stdout. */
  readonly output: Output;
  /** `live`: a tree that is redrawn; `plain`: lines; `json`: NDJSON; `quiet`: diagnostics only. */
  readonly mode: 'live' | 'plain' | 'json' | 'quiet';
  /** Shows every operation's command. */
  readonly isVerbose: boolean;
  readonly describe: Describe;
  /** Epoch milliseconds, for what has no event yet. */
  readonly now: () => number;
};

/** A reporter for a mode. What a live one needs is only loaded for it. */
export async function createReporter(options: ReporterOptions): Promise<Reporter> {
  switch (options.mode) {
    case 'json':
      return createJsonReporter(options.output, options.describe);
    case 'quiet':
      return createQuietReporter(options);
    case 'plain':
      return createPlainReporter(options);
    case 'live': {
      const { createLiveReporter } = await import('./live.ts');
      return createLiveReporter(options);
    }
  }
}
