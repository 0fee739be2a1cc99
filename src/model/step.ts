import type { Change, Consent } from './change.ts';
import type { Folder } from './desired.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Needs } from './node.ts';
import type { Observed } from './observation.ts';
import type { CheckOperation, Operation } from './operation.ts';
import type { ManagerName } from './target.ts';

export type StepInput<Desired> = {
  readonly desired: Desired;
  readonly observed: Observed;
  /** The whole folder, for what concerns more than one guest. */
  readonly folder: Folder;
  readonly consent: Consent;
  /** The verb that runs, where it changes what a step does. */
  readonly purpose: Purpose;
};

export type Purpose = {
  readonly verb: string;
  /** `--force-check`, `--timeout` and the like, where a verb has such options. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
};

export type StepAnswer = {
  /** Every difference in this step's care, also those that consent does not cover. */
  readonly changes: readonly Change[];
  /** What closes them, in order. A change that no operation carries is left. */
  readonly operations: readonly Operation[];
  /** Questions that must be answered (see `Observed.answers`) before the step can say more. */
  readonly probes: readonly CheckOperation[];
  /** An error stops the target here. */
  readonly diagnostics: readonly Diagnostic[];
  /** Nothing of the later steps applies (a finished template, a stopped guest that may not start). */
  readonly finished?: boolean;
};

/** One state of a manager's state machine. Pure: it touches no clock, file, process or network. */
export type Step<Desired> = {
  readonly name: string;
  readonly needs?: (desired: Desired) => Partial<Needs>;
  readonly plan: (input: StepInput<Desired>) => StepAnswer;
};

/** A state machine: its steps from top to bottom. */
export type Manager<Desired> = {
  readonly name: ManagerName;
  readonly steps: readonly Step<Desired>[];
  /** Asked where a step failed, never where the run was interrupted: what takes back what was done. */
  readonly takeBack?: Step<Desired>;
};

/** An answer that asks for nothing. */
export const NOTHING: StepAnswer = { changes: [], operations: [], probes: [], diagnostics: [] };
