import type { Context } from './context.ts';

/** An option of a verb. Without `value` it is a flag. */
export type OptionSpec = {
  readonly name: string;
  readonly short?: string;
  /** Name of its value in the help: `<dir>` is written as `dir`. */
  readonly value?: string;
  readonly isRepeatable?: boolean;
  readonly summary: string;
  /** The only values it takes; also offered by completion. Several may come joined by commas if repeatable. */
  readonly choices?: readonly string[];
  /** What completion offers for its value. */
  readonly completes?: 'directory' | 'host';
  /** Kept out of the help and of completion: it serves tests. */
  readonly isHidden?: boolean;
};

/** What stands on the command line after the verb, options aside. */
export type OperandSpec = {
  readonly name: string;
  readonly summary: string;
  readonly isRequired?: boolean;
  readonly isVariadic?: boolean;
  /** What completion offers for it. */
  readonly completes?: 'target' | readonly string[];
};

/** One command as data: the parser, the help and completion all read it from here. */
export type Verb = {
  readonly name: string;
  /** One line for `phoenix --help`. */
  readonly summary: string;
  /** A short paragraph for `phoenix <verb> --help`. */
  readonly details?: string;
  readonly operands: readonly OperandSpec[];
  readonly options: readonly OptionSpec[];
  /** A command follows after `--`. */
  readonly takesCommand?: boolean;
  /** It makes guests: what a sandbox lacks or replaces concerns its user. */
  readonly makesGuests?: boolean;
  /** Command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Does it and gives the exit code. */
  readonly run: (context: Context) => Promise<number>;
};
