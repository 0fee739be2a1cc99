import type { Change } from '../../model/change.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Operation } from '../../model/operation.ts';

/** A part of a step's answer: differences, what closes them, what is wrong. */
export type Work = {
  readonly changes: readonly Change[];
  readonly operations: readonly Operation[];
  readonly diagnostics: readonly Diagnostic[];
};

export const NO_WORK: Work = { changes: [], operations: [], diagnostics: [] };

/** Several parts as one, in order. */
export function joinWork(parts: readonly Work[]): Work {
  return {
    changes: parts.flatMap(({ changes }) => changes),
    operations: parts.flatMap(({ operations }) => operations),
    diagnostics: parts.flatMap(({ diagnostics }) => diagnostics),
  };
}
