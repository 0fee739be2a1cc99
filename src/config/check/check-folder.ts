import type { Findings } from '../diagnose.ts';
import type { Guests } from '../guest-graph.ts';
import type { Hypervisor } from '../read-hypervisor.ts';

export type FolderCheck = {
  readonly guests: Guests;
  readonly hypervisor: Hypervisor;
  readonly isComplete: boolean;
  readonly findings: Findings;
};

/** The checks that concern more than one value. */
export function checkFolder(_check: FolderCheck): void {}
