import type { Diagnostic, Position } from '../model/diagnostic.ts';
import type { Target } from '../model/target.ts';
import { CODES, type Code } from './codes.ts';

export type Finding = {
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly remedy?: string | undefined;
  readonly position?: Position | undefined;
  readonly target?: Target | undefined;
};

/** Collects the problems of one load. */
export type Findings = {
  readonly add: (code: Code, finding: Finding) => void;
  /** Everything found so far by file, line, column; equal ones once. */
  readonly sorted: () => readonly Diagnostic[];
};

/** An empty collection. The severity of a problem is its code's. */
export function collectFindings(): Findings {
  const found: Diagnostic[] = [];
  return {
    add: (code, finding) => {
      found.push({
        code: `config/${code}`,
        severity: CODES[code].severity,
        summary: finding.summary,
        remedy: finding.remedy ?? CODES[code].remedy,
        ...(finding.detail !== undefined && { detail: finding.detail }),
        ...(finding.position && { position: placeOf(code, finding.position) }),
        ...(finding.target !== undefined && { target: finding.target }),
      });
    },
    sorted: () => distinct(found.toSorted(byPlace)),
  };
}

/** Where a secret stands in clear, its line is not shown again: what is printed is kept in logs. */
function placeOf(code: Code, position: Position): Position {
  if (!SECRET_CODES.has(code)) return position;
  const { lineText: _hidden, ...place } = position;
  return place;
}

const SECRET_CODES: ReadonlySet<Code> = new Set(['literal-secret', 'plain-secret', 'secret-in-document']);

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    compare(a.position?.file ?? '', b.position?.file ?? '') ||
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0) ||
    compare(a.code, b.code) ||
    compare(a.summary, b.summary)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function distinct(sorted: readonly Diagnostic[]): readonly Diagnostic[] {
  return sorted.filter((diagnostic, index) => {
    const previous = sorted[index - 1];
    return !previous || byPlace(previous, diagnostic) !== 0 || previous.detail !== diagnostic.detail;
  });
}
