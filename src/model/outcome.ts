import type { Diagnostic } from './diagnostic.ts';

/**
 * `done`: it says that it did it. `refused`: it says no. `busy`: a lock or a task is in the way,
 * ask again later. `lost`: no answer (timeout, killed, connection gone), so it may have happened.
 */
export type OutcomeKind = 'done' | 'refused' | 'busy' | 'lost';

/** What running one operation gave. `exitCode` is null where the program was lost before it ended. */
export type Outcome = {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly kind: OutcomeKind;
  /** A known message of Proxmox with its remedy. */
  readonly diagnostic?: Diagnostic;
};
