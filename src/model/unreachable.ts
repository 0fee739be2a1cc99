import type { Diagnostic } from './diagnostic.ts';

/** A node that cannot be observed: gone, refused, or its answer was cut short. Ends a command with 69. */
export class NodeUnreachable extends Error {
  override readonly name = 'NodeUnreachable';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.summary);
    this.diagnostic = diagnostic;
  }
}
