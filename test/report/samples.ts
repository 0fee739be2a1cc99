import type { Change } from '../../src/model/change.ts';
import type { RunEvent } from '../../src/model/event.ts';
import type { CheckOperation, Operation } from '../../src/model/operation.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { TargetOutcome } from '../../src/model/plan.ts';
import type { Target } from '../../src/model/target.ts';

export const DONE: Outcome = { exitCode: 0, stdout: '', stderr: '', kind: 'done' };

export function set(target: number, params: Record<string, string>): Operation {
  return { op: 'pve', call: 'pct set', vmid: target, params, target, step: 'apply', changes: [], gates: [] };
}

export function install(target: number, name: string): Operation {
  return {
    op: 'exec',
    in: target,
    argv: ['install', name],
    timeoutMs: 1000,
    title: `install feature ${name}`,
    target,
    step: 'apply_features',
    changes: [],
    gates: [],
  };
}

export function check(target: number, title: string): CheckOperation {
  return {
    op: 'check',
    in: 'node',
    probe: { kind: 'http', url: 'http://10.0.0.1/' },
    retries: 1,
    intervalMs: 0,
    timeoutMs: 1000,
    title,
    target,
    step: 'run_health_check',
    changes: [],
    gates: [],
  };
}

export function change(attribute: string, extra: Partial<Change> = {}): Change {
  return {
    target: 101,
    step: 'apply',
    attribute,
    before: '512',
    after: '1024',
    effect: 'live',
    ...extra,
  };
}

export function outcome(target: Target, title: string, extra: Partial<TargetOutcome> = {}): TargetOutcome {
  return {
    target,
    title,
    result: 'unchanged',
    changes: [],
    operations: [],
    checks: [],
    left: [],
    diagnostics: [],
    ...extra,
  };
}

/** Shows an operation as the command of a toy node. */
export function describeToy(operation: Operation): string {
  switch (operation.op) {
    case 'pve': {
      const params = Object.entries(operation.params).map(([name, value]) => ` --${name} ${String(value)}`);
      return `${operation.call} ${operation.vmid}${params.join('')}`;
    }
    case 'exec':
      return `pct exec ${operation.in} -- ${operation.argv?.join(' ')}`;
    default:
      return `# ${operation.op}`;
  }
}

/** What a run over two guests says: 101 gets a setting and a feature, 102 fails; `at` counts seconds. */
export function story(): readonly RunEvent[] {
  const memory = change('memory');
  const feature = install(101, 'docker');
  const setting = set(101, { memory: '1024' });
  const broken = set(102, { cores: '2' });
  const events: readonly DistributiveOmit<RunEvent, 'at'>[] = [
    { event: 'run-start', verb: 'converge', node: 'local', targets: [101, 102, 103] },
    { event: 'target-start', target: 101, title: '101 web' },
    { event: 'target-start', target: 102, title: '102 db' },
    { event: 'step-start', target: 101, step: 'apply' },
    { event: 'changes', target: 101, step: 'apply', changes: [memory] },
    { event: 'operation-start', target: 101, step: 'apply', operation: setting },
    { event: 'step-start', target: 102, step: 'apply' },
    { event: 'operation-start', target: 102, step: 'apply', operation: broken },
    { event: 'operation-retry', target: 102, operation: broken, reason: 'CT is locked (backup)', inMs: 1500 },
    {
      event: 'operation-end',
      target: 101,
      step: 'apply',
      operation: setting,
      outcome: DONE,
      elapsedMs: 600,
    },
    { event: 'step-end', target: 101, step: 'apply', changed: true, elapsedMs: 700 },
    { event: 'step-start', target: 101, step: 'apply_features' },
    { event: 'operation-start', target: 101, step: 'apply_features', operation: feature },
    {
      event: 'output',
      target: 101,
      step: 'apply_features',
      line: { stream: 'stdout', text: 'Reading database ... 5%\rSetting up \u001B[32mdocker-ce\u001B[0m' },
    },
    {
      event: 'operation-end',
      target: 102,
      step: 'apply',
      operation: broken,
      outcome: { exitCode: 255, stdout: '', stderr: 'no', kind: 'refused' },
      elapsedMs: 2000,
    },
    {
      event: 'diagnostic',
      diagnostic: {
        code: 'pve/locked',
        severity: 'error',
        summary: 'The guest is locked',
        remedy: 'Wait for the backup.',
        target: 102,
      },
    },
    {
      event: 'target-end',
      target: 102,
      title: '102 db',
      result: 'failed',
      reason: 'The guest is locked',
      left: [],
      elapsedMs: 3000,
    },
    {
      event: 'operation-end',
      target: 101,
      step: 'apply_features',
      operation: feature,
      outcome: DONE,
      elapsedMs: 72_000,
    },
    { event: 'step-end', target: 101, step: 'apply_features', changed: true, elapsedMs: 73_000 },
    { event: 'target-end', target: 101, title: '101 web', result: 'changed', left: [], elapsedMs: 75_000 },
    { event: 'run-end', exitCode: 1, elapsedMs: 75_000 },
  ];
  return events.map((event, index) => ({ at: index * 1000, ...event }) as RunEvent);
}

type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;
