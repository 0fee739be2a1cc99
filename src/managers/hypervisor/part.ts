import type { Change } from '../../model/change.ts';
import type { DesiredHypervisor } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { HostRecord, HostRecordList } from '../../model/host-record.ts';
import type { CheckOperation, Operation } from '../../model/operation.ts';
import type { Step, StepAnswer, StepInput } from '../../model/step.ts';
import { EMPTY_HOST_RECORD, hostRecordPath, printHostRecord } from '../../pve/host/host-record.ts';

export type HostStep = Step<DesiredHypervisor>;
export type HostInput = StepInput<DesiredHypervisor>;

/** What one part of a step asks for; `makes` is what it adds to the host, for the record. */
export type Part = {
  readonly changes?: readonly Change[];
  readonly operations?: readonly Operation[];
  readonly probes?: readonly CheckOperation[];
  readonly diagnostics?: readonly Diagnostic[];
  readonly makes?: Partial<HostRecord>;
};

/**
 * The parts of a step as its answer, in order. What they make is written into the host's record before
 * the first operation, in one write.
 */
export function answerOf(input: HostInput, step: string, parts: readonly Part[]): StepAnswer {
  const operations = parts.flatMap((part) => part.operations ?? []);
  return {
    changes: parts.flatMap((part) => part.changes ?? []),
    operations: [...(operations.length > 0 ? recordWrite(input, step, parts) : []), ...operations],
    probes: parts.flatMap((part) => part.probes ?? []),
    diagnostics: parts.flatMap((part) => part.diagnostics ?? []),
  };
}

/** What Phoenix made on this host, as its record says. */
export function recordOf({ observed }: HostInput): HostRecord {
  return observed.node.host?.record ?? EMPTY_HOST_RECORD;
}

function recordWrite(input: HostInput, step: string, parts: readonly Part[]): readonly Operation[] {
  const record = recordOf(input);
  const lists = Object.keys(EMPTY_HOST_RECORD) as readonly HostRecordList[];
  const made = (list: HostRecordList): readonly string[] => parts.flatMap((part) => part.makes?.[list] ?? []);
  if (lists.every((list) => made(list).every((name) => record[list].includes(name)))) return [];
  const next = Object.fromEntries(lists.map((list) => [list, [...record[list], ...made(list)]]));
  return [
    {
      op: 'write',
      target: 'node',
      step,
      changes: [],
      gates: [],
      in: 'node',
      path: hostRecordPath(input.observed.node.hasProxmox),
      content: printHostRecord({ ...EMPTY_HOST_RECORD, ...next }),
      mode: 0o600,
    },
  ];
}
