import type { Change, Effect } from '../../model/change.ts';
import type { Diagnostic, Severity } from '../../model/diagnostic.ts';
import type { ExecOperation, PveOperation, Script, WriteOperation } from '../../model/operation.ts';
import type { Value } from '../../model/value.ts';

/** How the operations of one step look alike. */
export type HostOperations = {
  readonly change: (
    attribute: string,
    before: string | undefined,
    after: string | undefined,
    effect?: Effect,
  ) => Change;
  readonly run: (
    changes: readonly string[],
    argv: readonly string[],
    options?: {
      readonly env?: Readonly<Record<string, Value>>;
      readonly timeoutMs?: number;
      readonly title?: string;
    },
  ) => ExecOperation;
  readonly script: (
    changes: readonly string[],
    script: Script,
    options?: {
      readonly env?: Readonly<Record<string, Value>>;
      readonly timeoutMs?: number;
      readonly title?: string;
    },
  ) => ExecOperation;
  readonly write: (
    changes: readonly string[],
    path: string,
    content: string | null,
    mode?: number,
  ) => WriteOperation;
  readonly call: (
    changes: readonly string[],
    call: string,
    positional: readonly Value[],
    params: Readonly<Record<string, Value>>,
  ) => PveOperation;
};

/** Changes and operations on the node itself, for one step. */
export function hostOperations(step: string): HostOperations {
  const common = (changes: readonly string[]) => ({ target: 'node' as const, step, changes, gates: [] });
  return {
    change: (attribute, before, after, effect = 'live') => ({
      target: 'node',
      step,
      attribute,
      before,
      after,
      effect,
    }),
    run: (changes, argv, { timeoutMs = COMMAND_LIMIT_MS, ...options } = {}) => ({
      op: 'exec',
      ...common(changes),
      in: 'node',
      argv,
      timeoutMs,
      ...options,
    }),
    script: (changes, script, { timeoutMs = COMMAND_LIMIT_MS, ...options } = {}) => ({
      op: 'exec',
      ...common(changes),
      in: 'node',
      script,
      timeoutMs,
      ...options,
    }),
    write: (changes, path, content, mode) => ({
      op: 'write',
      ...common(changes),
      in: 'node',
      path,
      content,
      ...(mode !== undefined && { mode }),
    }),
    call: (changes, call, positional, params) => ({
      op: 'pve',
      ...common(changes),
      call,
      positional,
      params,
    }),
  };
}

/** A diagnostic about the host. */
export function finding(
  severity: Severity,
  code: string,
  text: { readonly summary: string; readonly detail?: string; readonly remedy?: string },
): Diagnostic {
  return { code: `hypervisor/${code}`, severity, target: 'node', ...text };
}

const COMMAND_LIMIT_MS = 600_000;
