import type { Operation } from '../model/operation.ts';

/** Where text goes. `columns` and `rows` are undefined where it is no terminal. */
export type Output = {
  readonly write: (text: string) => unknown;
  readonly isTerminal?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** How text is laid out for a reader. */
export type RenderOptions = {
  /** Width of the terminal; prose is never wider than 80. */
  readonly columns?: number | undefined;
  /** Absolute folder; paths below it are shown relative to it. */
  readonly cwd?: string | undefined;
  /** Off by default. Symbols say everything that colours say. */
  readonly hasColour?: boolean | undefined;
};

/** The text of an operation that a person could paste, secrets masked. */
export type Describe = (operation: Operation) => string;
