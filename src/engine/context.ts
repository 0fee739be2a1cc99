import type { CheckOperation, Operation } from '../model/operation.ts';
import type { Change } from '../model/change.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { RunEvent } from '../model/event.ts';
import type { Observation } from '../model/observation.ts';
import type { Step } from '../model/step.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RunRequest, RunTarget } from '../model/run.ts';
import type { Target } from '../model/target.ts';
import type { Gates } from './gates.ts';
import type { Journal } from './journal.ts';

/** What all targets of a run share. */
export type Context = {
  readonly request: RunRequest;
  readonly gates: Gates;
  readonly journal: Journal;
  /** Emits an event with the node's time. */
  readonly say: (event: Unstamped<RunEvent>) => void;
  /** Targets for which something was done or waited for: what comes after them looks anew. */
  readonly touched: Set<Target>;
};

/** An event without its time. */
export type Unstamped<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** What a run knows of one target, and has done to it so far. */
export type Progress = {
  readonly run: RunTarget;
  /** The step that it is at, and those after it: what an observation must still serve. */
  steps: readonly Step<never>[];
  /** The newest observation of it. */
  view: Observation;
  /** Answers to probes since the last operation on it, by `probeKey`. */
  answers: Map<string, Outcome>;
  /** Waits that ended well since the last operation on it, by their text. */
  waited: Set<string>;
  readonly changes: Map<string, Change>;
  /** Keys of those among them that an operation carried out. */
  readonly carried: Set<string>;
  readonly operations: Operation[];
  readonly checks: Map<string, CheckOperation>;
  readonly left: Change[];
  readonly diagnostics: Map<string, Diagnostic>;
};
