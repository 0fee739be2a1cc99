import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ConfigSection, ObservedGuest } from '../../model/observation.ts';
import type { PveOperation } from '../../model/operation.ts';
import { cloneGate, storageGate } from '../../pve/gates.ts';
import { withOwnerLine } from '../../pve/notes.ts';
import { entriesOf } from '../guest/entries.ts';
import { isBind, parseMount } from './differences/mounts.ts';
import { recordOf } from '../guest/input.ts';
import type { LxcInput } from './input.ts';
import { joinRecords, newRecord, writeNodeRecord } from '../guest/keep-record.ts';
import { wantedRecord } from './record.ts';
import { hasSnapshot } from '../guest/snapshots.ts';
import { hasWorkingTask, waitForTasks } from '../guest/tasks.ts';
import { NO_WORK, type Work } from '../guest/work.ts';

const STEP = 'ensure_container_defined';

/**
 * Makes the container as a copy of its source: linked where the source is a template and the storage
 * stays, full otherwise. Its record, written before, holds what Phoenix put into the source, so that
 * what the copy brings along and the folder doesn't want goes with the next `pct set`; others'
 * entries stay.
 */
export function cloneWork(input: LxcInput): Work {
  const { desired, observed, folder } = input;
  const { cloneFrom } = desired;
  const source = cloneFrom && observed.node.guests.get(cloneFrom.vmid);
  if (!cloneFrom || source?.kind !== 'lxc') return error(missingSource(input));
  const isTemplate = source.config.head.keys.get('template') === '1';
  const snapshot = isTemplate ? undefined : cloneFrom.snapshot;
  const section = sectionOf(source, snapshot);
  if (!section && hasWorkingTask(source)) {
    return { ...NO_WORK, operations: [waitForTasks(desired.vmid, STEP, source.vmid)] };
  }
  const problem = section ? problemOf(input, source, section) : missingSnapshot(input, snapshot ?? '');
  if (problem || !section) return error(problem ?? missingSnapshot(input, snapshot ?? ''));

  const target = desired.vmid;
  const isFull = !isTemplate || isElsewhere(input, section);
  const inherited = joinRecords(
    { ...newRecord(input), renewHostKeys: true },
    recordOf(source, folder.folderId),
  );
  const clone: PveOperation = {
    op: 'pve',
    target,
    step: STEP,
    changes: ['container'],
    gates: [cloneGate(source.vmid), storageGate(desired.storage ?? storageOf(section) ?? 'local')],
    call: 'pct clone',
    vmid: source.vmid,
    positional: [String(target)],
    params: {
      hostname: desired.name,
      description: withOwnerLine(desired.notes, folder.folderId, target),
      ...(snapshot !== undefined && { snapname: snapshot }),
      ...(isFull && { full: true }),
      ...(isFull && desired.storage !== undefined && { storage: desired.storage }),
    },
  };
  const from = snapshot === undefined ? `${source.vmid}` : `${source.vmid} at ${snapshot}`;
  return {
    ...NO_WORK,
    changes: [
      {
        target,
        step: STEP,
        attribute: 'container',
        before: undefined,
        after: `${isFull ? 'full' : 'linked'} clone of ${from}`,
        effect: 'live',
      },
    ],
    operations: [
      writeNodeRecord(joinRecords(inherited, wantedRecord(input)), { step: STEP, changes: [] }),
      clone,
    ],
  };
}

function sectionOf(source: ObservedGuest, snapshot: string | undefined): ConfigSection | undefined {
  if (snapshot === undefined) return source.config.head;
  return hasSnapshot(source, snapshot) ? source.config.snapshots.get(snapshot) : undefined;
}

function problemOf(input: LxcInput, source: ObservedGuest, section: ConfigSection): Diagnostic | undefined {
  const { desired, observed } = input;
  const bind = entriesOf(section.keys, 'mp').find(([, text]) => isBind(parseMount(text)));
  if (bind) return bindInSource(input, source, bind[1]);
  const isUnprivileged = section.keys.get('unprivileged') === '1';
  if (desired.unprivileged !== undefined && desired.unprivileged !== isUnprivileged) {
    return privilegeDiffers(input, source);
  }
  if (source.node !== observed.node.nodeName) return sourceElsewhere(input, source);
  const isHead = section === source.config.head;
  return isHead && source.running ? runningSource(input, source) : undefined;
}

function storageOf(section: ConfigSection): string | undefined {
  return parseMount(section.keys.get('rootfs') ?? '')
    .get('volume')
    ?.split(':', 1)[0];
}

function isElsewhere({ desired }: LxcInput, section: ConfigSection): boolean {
  return desired.storage !== undefined && desired.storage !== storageOf(section);
}

function error(diagnostic: Diagnostic): Work {
  return { ...NO_WORK, diagnostics: [diagnostic] };
}

function problem(
  { desired }: LxcInput,
  said: {
    readonly code: string;
    readonly summary: string;
    readonly detail?: string;
    readonly remedy: string;
  },
): Diagnostic {
  return { severity: 'error', position: desired.position, target: desired.vmid, ...said };
}

function missingSource(input: LxcInput): Diagnostic {
  const source = input.desired.cloneFrom?.vmid;
  return problem(input, {
    code: 'lxc/clone-source-missing',
    summary: `clone source ${source} is not a container of this node`,
    remedy: `phoenix create ${source}`,
  });
}

function missingSnapshot(input: LxcInput, snapshot: string): Diagnostic {
  const source = input.desired.cloneFrom?.vmid ?? 0;
  // One that runs and was not made to be a source is shut down for its snapshot only where that is allowed.
  const isRunning = input.observed.node.guests.get(source)?.running === true;
  return problem(input, {
    code: 'lxc/clone-snapshot-missing',
    summary: `container ${source} has no snapshot ${snapshot}`,
    detail: `The clone starts at the snapshot that its source takes when it is finished${isRunning ? ', for which it is shut down' : ''}.`,
    remedy: `phoenix create ${source}${isRunning ? ' --allow restart' : ''}`,
  });
}

function bindInSource(input: LxcInput, source: ObservedGuest, mount: string): Diagnostic {
  return problem(input, {
    code: 'lxc/clone-source-has-bind-mount',
    summary: `container ${source.vmid} has a bind mount and can't be cloned`,
    detail: `Proxmox clones no directory of the node (${mount}).`,
    remedy: `Take the mount out of ${source.vmid} and give it to its clones.`,
  });
}

function privilegeDiffers(input: LxcInput, source: ObservedGuest): Diagnostic {
  return problem(input, {
    code: 'lxc/clone-changes-unprivileged',
    summary: `a clone of ${source.vmid} can't change "unprivileged"`,
    detail: 'Proxmox fixes it when a container is made; a clone has what its source has.',
    remedy: `Set "unprivileged" as ${source.vmid} has it, or make the container from a template.`,
  });
}

function sourceElsewhere(input: LxcInput, source: ObservedGuest): Diagnostic {
  return problem(input, {
    code: 'lxc/on-other-node',
    summary: `clone source ${source.vmid} is on node ${source.node}`,
    remedy: `Run phoenix on ${source.node}, or migrate the source:\npct migrate ${source.vmid} ${input.observed.node.nodeName}`,
  });
}

function runningSource(input: LxcInput, source: ObservedGuest): Diagnostic {
  return problem(input, {
    code: 'lxc/clone-source-running',
    summary: `container ${source.vmid} runs and can only be cloned from a snapshot`,
    remedy: `Give ${source.vmid} a "template_snapshot_name", or stop it:\nphoenix stop ${source.vmid}`,
  });
}
