import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ConfigSection } from '../../model/observation.ts';
import type { PveOperation } from '../../model/operation.ts';
import { cloneGate, storageGate } from '../../pve/gates.ts';
import { withOwnerLine } from '../../pve/notes.ts';
import { cloneProblem, describeSource, findCloneSource, type CloneSource } from '../guest/clone-source.ts';
import { entriesOf } from '../guest/entries.ts';
import { recordOf } from '../guest/input.ts';
import { joinRecords, newRecord, writeNodeRecord } from '../guest/keep-record.ts';
import { NO_WORK, type Work } from '../guest/work.ts';
import { isBind, parseMount } from './differences/mounts.ts';
import type { LxcInput } from './input.ts';
import { wantedRecord } from './record.ts';

const STEP = 'ensure_container_defined';

/**
 * Makes the container as a copy of its source: linked where the source is a template and the storage
 * stays, full otherwise. Its record, written before, holds what Phoenix put into the source, so that
 * what the copy brings along and the folder doesn't want goes with the next `pct set`; others'
 * entries stay.
 */
export function cloneWork(input: LxcInput): Work {
  const { desired, folder } = input;
  const found = findCloneSource(input, (copied) => problemOf(input, copied));
  if (!('source' in found)) return found;
  const { source, section, isTemplate, snapshot } = found;
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
  return {
    ...NO_WORK,
    changes: [
      {
        target,
        step: STEP,
        attribute: 'container',
        before: undefined,
        after: `${isFull ? 'full' : 'linked'} clone of ${describeSource(found)}`,
        effect: 'live',
      },
    ],
    operations: [
      writeNodeRecord(joinRecords(inherited, wantedRecord(input)), { step: STEP, changes: [] }),
      clone,
    ],
  };
}

function problemOf(input: LxcInput, { source, section }: CloneSource): Diagnostic | undefined {
  const { unprivileged } = input.desired;
  const bind = entriesOf(section.keys, 'mp').find(([, text]) => isBind(parseMount(text)));
  if (bind) return bindInSource(input, source.vmid, bind[1]);
  const isUnprivileged = section.keys.get('unprivileged') === '1';
  const differs = unprivileged !== undefined && unprivileged !== isUnprivileged;
  return differs ? privilegeDiffers(input, source.vmid) : undefined;
}

function storageOf(section: ConfigSection): string | undefined {
  return parseMount(section.keys.get('rootfs') ?? '')
    .get('volume')
    ?.split(':', 1)[0];
}

function isElsewhere({ desired }: LxcInput, section: ConfigSection): boolean {
  return desired.storage !== undefined && desired.storage !== storageOf(section);
}

function bindInSource(input: LxcInput, source: number, mount: string): Diagnostic {
  return cloneProblem(input, {
    code: 'clone-source-has-bind-mount',
    summary: `container ${source} has a bind mount and can't be cloned`,
    detail: `Proxmox clones no directory of the node (${mount}).`,
    remedy: `Take the mount out of ${source} and give it to its clones.`,
  });
}

function privilegeDiffers(input: LxcInput, source: number): Diagnostic {
  return cloneProblem(input, {
    code: 'clone-changes-unprivileged',
    summary: `a clone of ${source} can't change "unprivileged"`,
    detail: 'Proxmox fixes it when a container is made; a clone has what its source has.',
    remedy: `Set "unprivileged" as ${source} has it, or make the container from a template.`,
  });
}
