import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ConfigSection } from '../../model/observation.ts';
import type { PveOperation } from '../../model/operation.ts';
import { cloneGate, storageGate, vmCloneGate } from '../../pve/gates.ts';
import { withOwnerLine } from '../../pve/notes.ts';
import { firstDisk, parseDrive, storageOf } from '../../pve/qemu/drives.ts';
import { cloneProblem, describeSource, findCloneSource, type CloneSource } from '../guest/clone-source.ts';
import { shrinkDiagnostics } from '../guest/grow.ts';
import { recordOf } from '../guest/input.ts';
import { joinRecords, newRecord, writeNodeRecord } from '../guest/keep-record.ts';
import { NO_WORK, type Work } from '../guest/work.ts';
import type { VmInput } from './input.ts';
import { wantedRecord } from './record.ts';
import { sizedCopies } from './resize.ts';

const STEP = 'ensure_vm_defined';

/**
 * Makes the VM as a copy of its source: as the folder says, else linked where the source is a template
 * and the storage stays, and full otherwise. Its record, written before, holds what Phoenix put into
 * the source, so that what the copy brings along and the folder doesn't want goes with the next
 * `qm set`; others' entries stay.
 */
export function cloneWork(input: VmInput): Work {
  const { desired, folder } = input;
  const found = findCloneSource(input, (copied) => problemOf(input, copied));
  if (!('source' in found)) return found;
  const { source, section, snapshot } = found;
  const target = desired.vmid;
  const isFull = isFullClone(input, found);
  const attribute = 'virtual machine';
  const clone: PveOperation = {
    op: 'pve',
    target,
    step: STEP,
    changes: [attribute],
    gates: [
      source.running ? cloneGate(source.vmid) : vmCloneGate(source.vmid),
      storageGate(desired.storage ?? storageIn(section) ?? 'local'),
    ],
    call: 'qm clone',
    vmid: source.vmid,
    positional: [String(target)],
    params: {
      name: desired.name,
      description: withOwnerLine(desired.notes, folder.folderId, target),
      ...(snapshot !== undefined && { snapname: snapshot }),
      ...(isFull && { full: true }),
      ...(isFull && desired.storage !== undefined && { storage: desired.storage }),
    },
  };
  const { nics, ...brought } = recordOf(source, folder.folderId);
  // A folder that says nothing of NICs leaves a clone those of its source.
  const inherited = joinRecords(newRecord(input), { ...brought, nics: desired.nics.length > 0 ? nics : [] });
  return {
    ...NO_WORK,
    changes: [
      {
        target,
        step: STEP,
        attribute,
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

function isFullClone({ desired }: VmInput, { section, isTemplate }: CloneSource): boolean {
  return desired.cloneFrom?.isFull ?? (!isTemplate || isElsewhere(desired.storage, section));
}

/** What a clone can't be. */
function problemOf(input: VmInput, { source, section, isTemplate }: CloneSource): Diagnostic | undefined {
  const { storage, cloneFrom } = input.desired;
  const [shrinking] = shrinkDiagnostics(input, sizedCopies(section.keys, input.desired));
  if (shrinking) return shrinking;
  if (cloneFrom?.isFull !== false) return undefined;
  if (!isTemplate) return notATemplate(input, source.vmid);
  return isElsewhere(storage, section) ? linkedElsewhere(input, storageIn(section) ?? '') : undefined;
}

function storageIn(section: ConfigSection): string | undefined {
  const key = firstDisk(section.keys);
  return key === undefined ? undefined : storageOf(parseDrive(section.keys.get(key) ?? ''));
}

function isElsewhere(storage: string | undefined, section: ConfigSection): boolean {
  return storage !== undefined && storage !== storageIn(section);
}

function notATemplate(input: VmInput, source: number): Diagnostic {
  return cloneProblem(input, {
    code: 'linked-clone-needs-template',
    summary: `virtual machine ${source} is no template, and only a template can have linked clones`,
    remedy: `Make ${source} a template ("is_template": true), or clone it in full: "clone_mode": "full"`,
  });
}

function linkedElsewhere(input: VmInput, of: string): Diagnostic {
  const { storage } = input.desired;
  return cloneProblem(input, {
    code: 'linked-clone-elsewhere',
    summary: `a linked clone stays on the storage of its template, and ${storage} is another`,
    detail: `The template's disk is on ${of}.`,
    remedy: `Set "storage_pool" to ${of}, or clone it in full: "clone_mode": "full"`,
  });
}
