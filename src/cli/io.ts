/** One of the two streams that a person or a program reads. */
export type TextOutput = {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Undefined where it is no terminal. */
  readonly columns: number | undefined;
};

/** Everything that Phoenix gets from the process it runs in; `src/main.ts` fills it, tests pass their own. */
export type Io = {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly stdin: {
    readonly isTerminal: boolean;
    /** A pipe, a socket or a file: somebody hands something over. */
    readonly isPiped: boolean;
    /** What comes, as it comes, until its end. */
    readonly chunks: () => AsyncIterable<Uint8Array>;
    /** Line by line, without the line ends. */
    readonly lines: () => AsyncIterable<string>;
  };
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly version: string;
  /** The Node.js that runs us. */
  readonly nodePath: string;
  /** The program's own file; the sandbox's tools stand beside it. */
  readonly programPath: string;
  /** The folder of the built-in features. */
  readonly featuresPath: string;
};
