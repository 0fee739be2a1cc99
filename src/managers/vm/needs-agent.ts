import type { Diagnostic } from '../../model/diagnostic.ts';
import type { VmInput } from './input.ts';

/** An error for a VM that shall have something done inside it and no agent to do it by. */
export function agentDiagnostics({ desired }: VmInput): readonly Diagnostic[] {
  const { features, applicationScript, healthChecks } = desired;
  const reasons = [
    ...features.map(({ name }) => `feature ${name}`),
    ...(applicationScript ? [`application script ${applicationScript.name}`] : []),
    ...healthChecks.flatMap(({ name, probe }) =>
      probe.kind === 'command' || probe.kind === 'script' ? [`health check ${name}`] : [],
    ),
  ];
  if (desired.agent || reasons.length === 0) return [];
  return [
    {
      code: 'vm/needs-agent',
      severity: 'error',
      summary: `virtual machine ${desired.vmid} has no guest agent, and something inside it is to be done`,
      detail: `It can be done by an agent only: ${reasons.join(', ')}.`,
      remedy: 'Let it have one ("guest_agent": true), or take that out.',
      position: desired.position,
      target: desired.vmid,
    },
  ];
}
