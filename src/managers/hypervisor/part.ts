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

/** Several parts as one, in order. */
export function joined(parts: readonly Part[]): Part {
  const made = (list: HostRecordList): readonly string[] => parts.flatMap(({ makes }) => makes?.[list] ?? []);
  const lists = Object.keys(EMPTY_HOST_RECORD) as readonly HostRecordList[];
  return {
    changes: parts.flatMap(({ changes = [] }) => changes),
    operations: parts.flatMap(({ operations = [] }) => operations),
    probes: parts.flatMap(({ probes = [] }) => probes),
    diagnostics: parts.flatMap(({ diagnostics = [] }) => diagnostics),
    makes: Object.fromEntries(lists.map((list) => [list, made(list)])),
  };
}

/**
 * The parts of a step as its answer, in order. What they make is written into the host's record before
 * the first operation, in one write.
 */
export function answerOf(input: HostInput, step: string, parts: readonly Part[]): StepAnswer {
  const { changes = [], operations = [], probes = [], diagnostics = [], makes = {} } = joined(parts);
  const isWorking = operations.length > 0;
  return {
    changes,
    operations: [...(isWorking ? recordWrite(input, step, makes) : []), ...operations],
    probes,
    diagnostics,
  };
}

/** What Phoenix made on this host, as its record says. */
export function recordOf({ observed }: HostInput): HostRecord {
  return observed.node.host?.record ?? EMPTY_HOST_RECORD;
}

function recordWrite(input: HostInput, step: string, makes: Partial<HostRecord>): readonly Operation[] {
  const record = recordOf(input);
  const made = Object.entries(makes) as readonly (readonly [HostRecordList, readonly string[]])[];
  if (made.every(([list, names]) => names.every((name) => record[list].includes(name)))) return [];
  const next = Object.fromEntries(made.map(([list, names]) => [list, [...record[list], ...names]]));
  return [
    {
      op: 'write',
      target: 'node',
      step,
      changes: [],
      gates: [],
      in: 'node',
      path: hostRecordPath(input.observed.node.hasProxmox),
      content: printHostRecord({ ...record, ...next }),
      mode: 0o600,
    },
  ];
}
