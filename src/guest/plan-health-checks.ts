import type { DesiredGuest, DesiredHealthCheck } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { CheckOperation, Probe } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { probeKey } from '../model/probe-key.ts';
import { NOTHING, type StepAnswer, type StepInput } from '../model/step.ts';
import { featureFact, scriptFact } from './applied.ts';
import { checkFeature } from './feature-operations.ts';
import { verdictOf } from './verdict.ts';

const STEP = 'run_health_check';

/**
 * The step `run_health_check` of both kinds of guest: probes only. Commands run in the guest, HTTP
 * and TCP on the node. One that fails is an error and never a change. The verb `health-check` asks
 * the features' own checks too.
 */
export function planHealthChecks(input: StepInput<DesiredGuest>): StepAnswer {
  const { desired: guest, observed, purpose } = input;
  const features = purpose.verb === 'health-check' ? guest.features : [];
  const probes = [
    ...features.map((feature) => checkFeature(guest, feature, STEP)),
    ...guest.healthChecks.map((check) => probeOf(guest, check)),
  ];
  if (probes.length === 0) return NOTHING;
  if (observed.guest?.running !== true) return { ...NOTHING, diagnostics: [cannotBeHealthy(guest)] };
  const diagnostics = probes.flatMap((probe) => {
    const outcome = observed.answers.get(probeKey(probe));
    return outcome && verdictOf(outcome) !== 'yes' ? [unhealthy(guest, probe, outcome)] : [];
  });
  return { ...NOTHING, probes, diagnostics };
}

function probeOf(guest: DesiredGuest, check: DesiredHealthCheck): CheckOperation {
  const isAskedFromNode = check.probe.kind === 'http' || check.probe.kind === 'tcp';
  return {
    op: 'check',
    target: guest.vmid,
    step: STEP,
    changes: [],
    gates: [],
    needs: [
      ...guest.features.map(featureFact),
      ...(guest.applicationScript ? [scriptFact(guest.applicationScript)] : []),
    ],
    in: isAskedFromNode ? 'node' : guest.vmid,
    probe: toProbe(check),
    retries: check.retries,
    intervalMs: check.intervalMs,
    timeoutMs: check.timeoutMs,
    title: `health check ${check.name}`,
  };
}

function toProbe({ name, probe }: DesiredHealthCheck): Probe {
  switch (probe.kind) {
    case 'command':
      return { kind: 'command', argv: probe.argv };
    case 'script':
      return { kind: 'command', script: { name, content: withInterpreter(probe.content), args: probe.args } };
    default:
      return probe;
  }
}

function withInterpreter(content: string): string {
  return content.startsWith('#!') ? content : `#!/bin/sh\n${content}\n`;
}

function unhealthy(guest: DesiredGuest, probe: CheckOperation, outcome: Outcome): Diagnostic {
  return {
    code: 'guest/unhealthy',
    severity: 'error',
    summary: `Failed: ${probe.title ?? 'health check'}.`,
    detail: [...triedHow(probe, outcome), ...lastLines(outcome)].join('\n'),
    remedy: remedyFor(guest, probe),
    target: guest.vmid,
  };
}

function triedHow(probe: CheckOperation, outcome: Outcome): readonly string[] {
  const times = probe.retries === 1 ? 'once' : `${probe.retries} times, ${probe.intervalMs / 1000} s apart`;
  if (verdictOf(outcome) === 'none') {
    const why = outcome.diagnostic?.summary ?? 'no answer came';
    return [`Asked ${times}; the last time: ${why}.`];
  }
  if (probe.probe.kind !== 'command') return [`Asked ${times} from the node: ${addressOf(probe.probe)}`];
  return [`Asked ${times}; the last exit code was ${outcome.exitCode ?? 'none'}.`];
}

function addressOf(probe: Probe): string {
  if (probe.kind === 'http') return probe.url;
  return probe.kind === 'tcp' ? `${probe.host} port ${probe.port}` : 'a command in the guest';
}

function lastLines(outcome: Outcome): readonly string[] {
  const text = outcome.stderr.trim() === '' ? outcome.stdout : outcome.stderr;
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .slice(-5);
}

function remedyFor(guest: DesiredGuest, probe: CheckOperation): string {
  const where =
    probe.in === 'node'
      ? 'See whether the service listens on the address that the node asks:'
      : 'See what it says in the guest:';
  const look = guest.kind === 'lxc' ? `pct enter ${guest.vmid}` : `qm terminal ${guest.vmid}`;
  return `${where}\n  ${look}\nThen ask again:\n  phoenix health-check ${guest.vmid}`;
}

function cannotBeHealthy(guest: DesiredGuest): Diagnostic {
  return {
    code: 'guest/not-running',
    severity: 'error',
    summary: 'Not running, so not healthy.',
    remedy: `Start it:\n  phoenix start ${guest.vmid}`,
    target: guest.vmid,
  };
}
