import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ConfigSection, ObservedGuest } from '../../model/observation.ts';
import type { GuestInput } from './input.ts';
import { hasSnapshot } from './snapshots.ts';
import { hasWorkingTask, waitForTasks } from './tasks.ts';
import { NO_WORK, type Work } from './work.ts';
import { wordsOf } from './words.ts';

/** The guest that another is made of, and what of it is copied. */
export type CloneSource = {
  readonly source: ObservedGuest;
  readonly section: ConfigSection;
  readonly isTemplate: boolean;
  /** The snapshot that is copied; undefined: the source as it is. */
  readonly snapshot: string | undefined;
};

/**
 * The source of a clone where it can be copied now. Otherwise what is wrong with it, `problemOf` asked
 * for what only a kind of guest can have, or the wait for what works on it.
 */
export function findCloneSource(
  input: GuestInput,
  problemOf: (found: CloneSource) => Diagnostic | undefined,
): CloneSource | Work {
  const { desired, observed } = input;
  const { cloneFrom, kind } = desired;
  const source = cloneFrom && observed.node.guests.get(cloneFrom.vmid);
  if (!cloneFrom || source?.kind !== kind) return error(missingSource(input));
  const isTemplate = source.config.head.keys.get('template') === '1';
  const snapshot = isTemplate ? undefined : cloneFrom.snapshot;
  const section = sectionOf(source, snapshot);
  if (!section && hasWorkingTask(source)) {
    const wait = waitForTasks(desired.vmid, wordsOf(kind).define, source.vmid);
    return { ...NO_WORK, operations: [wait] };
  }
  if (!section) return error(missingSnapshot(input, snapshot ?? ''));
  const found: CloneSource = { source, section, isTemplate, snapshot };
  const problem = problemOf(found) ?? inTheWay(input, found);
  return problem ? error(problem) : found;
}

/** Says which source, and which state of it, a clone is a copy of. */
export function describeSource({ source, snapshot }: CloneSource): string {
  return snapshot === undefined ? `${source.vmid}` : `${source.vmid} at ${snapshot}`;
}

/** A diagnostic about the clone. */
export function cloneProblem(
  { desired }: GuestInput,
  said: {
    readonly code: string;
    readonly summary: string;
    readonly detail?: string;
    readonly remedy: string;
  },
): Diagnostic {
  const code = `${desired.kind}/${said.code}`;
  return { severity: 'error', position: desired.position, target: desired.vmid, ...said, code };
}

function sectionOf(source: ObservedGuest, snapshot: string | undefined): ConfigSection | undefined {
  if (snapshot === undefined) return source.config.head;
  return hasSnapshot(source, snapshot) ? source.config.snapshots.get(snapshot) : undefined;
}

function inTheWay(input: GuestInput, { source, snapshot }: CloneSource): Diagnostic | undefined {
  if (source.node !== input.observed.node.nodeName) return sourceElsewhere(input, source);
  return snapshot === undefined && source.running ? runningSource(input, source) : undefined;
}

function error(diagnostic: Diagnostic): Work {
  return { ...NO_WORK, diagnostics: [diagnostic] };
}

function missingSource(input: GuestInput): Diagnostic {
  const source = input.desired.cloneFrom?.vmid;
  return cloneProblem(input, {
    code: 'clone-source-missing',
    summary: `clone source ${source} is not a ${wordsOf(input.desired.kind).noun} of this node`,
    remedy: `phoenix create ${source}`,
  });
}

function missingSnapshot(input: GuestInput, snapshot: string): Diagnostic {
  const source = input.desired.cloneFrom?.vmid ?? 0;
  // One that runs and was not made to be a source is shut down for its snapshot only where that is allowed.
  const isRunning = input.observed.node.guests.get(source)?.running === true;
  return cloneProblem(input, {
    code: 'clone-snapshot-missing',
    summary: `${wordsOf(input.desired.kind).noun} ${source} has no snapshot ${snapshot}`,
    detail: `The clone starts at the snapshot that its source takes when it is finished${isRunning ? ', for which it is shut down' : ''}.`,
    remedy: `phoenix create ${source}${isRunning ? ' --allow restart' : ''}`,
  });
}

function sourceElsewhere(input: GuestInput, source: ObservedGuest): Diagnostic {
  const { tool } = wordsOf(source.kind);
  return cloneProblem(input, {
    code: 'on-other-node',
    summary: `clone source ${source.vmid} is on node ${source.node}`,
    remedy: `Run phoenix on ${source.node}, or migrate the source:\n${tool} migrate ${source.vmid} ${input.observed.node.nodeName}`,
  });
}

function runningSource(input: GuestInput, source: ObservedGuest): Diagnostic {
  return cloneProblem(input, {
    code: 'clone-source-running',
    summary: `${wordsOf(source.kind).noun} ${source.vmid} runs and can only be cloned from a snapshot`,
    remedy: `Give ${source.vmid} a "template_snapshot_name", or stop it:\nphoenix stop ${source.vmid}`,
  });
}
