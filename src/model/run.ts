import type { Consent } from './change.ts';
import type { Folder } from './desired.ts';
import type { RunEvent } from './event.ts';
import type { Node, RunOptions } from './node.ts';
import type { Observation } from './observation.ts';
import type { Operation } from './operation.ts';
import type { Manager, Purpose } from './step.ts';
import type { Target } from './target.ts';

/** One target of a run: its state machine, what it should become, and what must be done before it. */
export type RunTarget = {
  readonly target: Target;
  /** For people: `101 web`. */
  readonly title: string;
  readonly manager: Manager<never>;
  readonly desired: unknown;
  /** Targets of this run that must have ended well before this one starts. */
  readonly after: readonly Target[];
  /**
   * Asked once, of the run's first observation. Where it says no the target is left out of the run,
   * unseen, and what comes after it goes on as if it had ended well. Absent: always wanted.
   */
  readonly isWanted?: (observation: Observation) => boolean;
};

/** What the engine must be told of Proxmox, since it knows nothing of it. */
export type Dialect = {
  /** The operation with its fills filled from the observation that the step decided on. */
  readonly fill: (operation: Operation, observation: Observation) => Operation;
  /** The width of a gate (`clone:900` -> 1): how many operations may hold it at once. */
  readonly gateWidth: (gate: string) => number;
};

export type RunRequest = {
  readonly node: Node;
  readonly folder: Folder;
  readonly targets: readonly RunTarget[];
  readonly consent: Consent;
  readonly purpose: Purpose;
  readonly dialect: Dialect;
  readonly emit: (event: RunEvent) => void;
  /** Asks whoever sits at the terminal while the run goes on; absent where nobody does. */
  readonly ask?: NonNullable<RunOptions['ask']>;
  /** Aborted by Ctrl-C: what runs is ended cleanly, nothing new starts. */
  readonly signal?: AbortSignal;
  /** A source of numbers in [0, 1) for jitter. */
  readonly random: () => number;
  /** False for a run on a twin that only plans: neither journal nor lock. */
  readonly isJournaled: boolean;
  /**
   * Operations that were agreed on beforehand, by target, as `operationText` writes them: one that is
   * not the next of these ends its target before it starts. Absent: whatever the steps ask for.
   */
  readonly agreed?: ReadonlyMap<Target, readonly string[]>;
};
