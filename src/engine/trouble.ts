import type { Diagnostic } from '../model/diagnostic.ts';
import type { Target } from '../model/target.ts';

/** Ends a target with diagnostics; anything else that is thrown is a bug. */
export class Trouble extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(...diagnostics: readonly Diagnostic[]) {
    super(diagnostics[0]?.summary ?? 'failed');
    this.name = 'Trouble';
    this.diagnostics = diagnostics;
  }
}

/** Ends a target because the run was interrupted. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** The code of a bug in Phoenix; a run that met one exits with 70. */
export const BUG = 'phoenix/bug';

/** What a thrown error says: its own diagnostics where it carries some, else that this is a bug. */
export function diagnosticsOf(error: unknown, where: string, target?: Target): readonly Diagnostic[] {
  const about = target === undefined ? {} : { target };
  if (error instanceof Trouble) return error.diagnostics.map((one) => ({ ...about, ...one }));
  const carried = carriedDiagnostic(error);
  if (carried) return [{ ...about, ...carried }];
  return [
    {
      ...about,
      code: BUG,
      severity: 'error',
      summary: 'Phoenix has a bug here',
      detail: `${where}: ${describeError(error)}`,
      remedy: 'Report it with this message and the command that you ran. Other guests went on.',
    },
  ];
}

/** The diagnostic that an error of the node carries as its `diagnostic` property, if it does. */
export function carriedDiagnostic(error: unknown): Diagnostic | undefined {
  if (!(error instanceof Error) || !('diagnostic' in error)) return undefined;
  const { diagnostic } = error;
  if (typeof diagnostic !== 'object' || diagnostic === null) return undefined;
  if (!('code' in diagnostic) || !('summary' in diagnostic)) return undefined;
  return diagnostic as Diagnostic;
}

/** An error's message, for a detail. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
