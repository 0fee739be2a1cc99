import type { Diagnostic, Severity } from '../../../model/diagnostic.ts';

/** Something that is not well with the host, and what to do about it. */
export function finding(
  severity: Severity,
  code: string,
  text: { readonly summary: string; readonly detail?: string; readonly remedy: string },
): Diagnostic {
  return { code: `doctor/${code}`, severity, target: 'node', ...text };
}
