import type { Change } from '../../src/model/change.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Target } from '../../src/model/target.ts';

/** An operation as a JSON document shows it. */
export type Shown = Operation & { readonly command: string };

export type ShownTarget = {
  readonly target: Target;
  readonly result: string;
  readonly changes: readonly Change[];
  readonly operations: readonly Shown[];
  readonly left: readonly Change[];
};

/** The events of a run with `--json`; a last line that a kill cut short is left out. */
export function eventsOf(stdout: string): RunEvent[] {
  return stdout.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RunEvent];
    } catch {
      return [];
    }
  });
}

/** The operations that a run started, without waits and checks. */
export function operationsOf(stdout: string): Shown[] {
  return eventsOf(stdout)
    .flatMap((event) => (event.event === 'operation-start' ? [event.operation as Shown] : []))
    .filter(({ op }) => op !== 'wait' && op !== 'check');
}

/** How each target of a run ended. */
export function resultsOf(stdout: string): Record<string, string> {
  return Object.fromEntries(
    eventsOf(stdout).flatMap((event) => (event.event === 'target-end' ? [[event.target, event.result]] : [])),
  );
}

/** The one document that `phoenix plan --json` prints. */
export function planOf(stdout: string): readonly ShownTarget[] {
  return (JSON.parse(stdout) as { targets: ShownTarget[] }).targets;
}

/** An operation's text, with what only a run can know, a config's digest, left out. */
export function textOf({ command }: Shown): string {
  return command.replace(/--digest (?:'<[^']*>'|[0-9a-f]{40})/, '--digest …');
}
