import type { JournalEntry } from './journal.ts';
import type { Observation } from './observation.ts';
import type { HostPart } from './observed-host.ts';
import type { Operation } from './operation.ts';
import type { Outcome } from './outcome.ts';
import type { GuestId } from './target.ts';

/** What an observation must hold besides what it always holds. */
export type Needs = {
  /** Host paths whose owner and type matter. */
  readonly paths: readonly string[];
  /** Storages whose volumes must be listed. */
  readonly volumesOf: readonly string[];
  /** Small text files whose content matters, outside /etc/pve or in its `mapping`; of plain names (letters, digits, `._+@:-/`). */
  readonly files?: readonly string[];
  /** VMs whose Cloud-Init documents (`phoenix-<vmid>-*.yaml`) must be read from every storage that holds snippets. */
  readonly snippetsOf?: readonly GuestId[];
  /** Running VMs whose records must be read, through their agents; containers' always are. */
  readonly recordsOf?: readonly GuestId[];
  /** Parts of the host itself. */
  readonly host?: readonly HostPart[];
};

export type Scope = 'all' | readonly GuestId[];

export type OutputLine = { readonly stream: 'stdout' | 'stderr'; readonly text: string };

export type RunOptions = {
  readonly signal?: AbortSignal;
  /** Called with output as it comes; known secrets are masked already. */
  readonly onOutput?: (output: OutputLine) => void;
  /** Asks whoever sits at the terminal; no answer in time is a no. Absent where nobody does. */
  readonly ask?: (question: string, timeoutMs: number) => Promise<boolean>;
};

/** Who holds a node's lock, since when (epoch ms) and for what. */
export type Holder = {
  readonly pid: number;
  readonly host: string;
  readonly since: number;
  readonly purpose: string;
};

export type Lock =
  | { readonly acquired: true; readonly release: () => Promise<void> }
  | { readonly acquired: false; readonly holder: Holder };

export type CommandOptions = {
  /** The VM to run it in; absent: the node. */
  readonly in?: GuestId;
  readonly signal?: AbortSignal;
  /** Given whole, or as it comes; absent: empty. */
  readonly stdin?: string | AsyncIterable<Uint8Array>;
  /** Called with output as it comes, line ends included, known secrets masked; the result is then without it. */
  readonly onText?: (stream: OutputLine['stream'], text: string) => void;
};

/** One finished program. */
export type CommandResult = { readonly rc: number; readonly stdout: string; readonly stderr: string };

/** The port between the engine and a node. Everything the engine knows of a node comes through it. */
export type Node = {
  /** For people: `local`, `twin`, `sandbox`. */
  readonly title: string;
  readonly observe: (scope: Scope, needs: Needs, options?: RunOptions) => Promise<Observation>;
  /** Runs one operation whose fills are filled. Never throws for what the node answers. */
  readonly run: (operation: Operation, options: RunOptions) => Promise<Outcome>;
  /** Runs a program on the node itself (`phoenix node -- …`), or in a VM of it (`phoenix exec`). */
  readonly command: (argv: readonly string[], options: CommandOptions) => Promise<CommandResult>;
  readonly lock: (purpose: string) => Promise<Lock>;
  readonly journal: {
    readonly append: (entry: JournalEntry) => Promise<void>;
    /** Ends the run's journal; `carry` are open entries of earlier runs that still concern someone. */
    readonly finish: (carry: readonly JournalEntry[]) => Promise<void>;
  };
  /** Waits on the node's own clock. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Epoch milliseconds on the node's own clock. */
  readonly now: () => number;
  readonly close: () => Promise<void>;
};
