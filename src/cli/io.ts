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
    /** Everything that comes until its end. */
    readonly readAll: () => Promise<string>;
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
