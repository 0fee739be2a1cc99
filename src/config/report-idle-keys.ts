import type { Findings } from './diagnose.ts';
import { positionAt } from './parse/source.ts';
import type { IdleKeys } from './shape/read-value.ts';

/** One warning for each key that does nothing, at its first place. */
export function reportIdleKeys(idle: IdleKeys, findings: Findings): void {
  for (const { place: key, source, entry, reason, count } of idle.values()) {
    const times = count > 1 ? ` It stands ${count} times.` : '';
    const position = positionAt(source, entry.keyStart, entry.keyEnd);
    if (reason === undefined) {
      findings.add('not-yet', {
        summary: `${key} is not acted on yet`,
        detail: `It is checked and kept for a later version.${times}`,
        position,
      });
    } else {
      findings.add('no-effect', {
        summary: `${key} has no effect`,
        detail: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.${times}`,
        position,
      });
    }
  }
}
