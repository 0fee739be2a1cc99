import type { Diagnostic } from '../model/diagnostic.ts';

/** Why a sandbox can't be had, for people. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.summary);
    this.diagnostic = diagnostic;
  }
}
