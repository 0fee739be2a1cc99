import type { PveOperation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { isDrive } from '../guest/drives.ts';
import { isOurs, present } from '../guest/input.ts';
import { hasWorkingTask } from '../guest/tasks.ts';
import type { VmInput } from './input.ts';

const STEP = 'ensure_vm_defined';

/**
 * A `qm template` of ours that was killed: Proxmox marks the VM first and turns its disks into bases
 * one by one, and linked clones need every one of them. The call that would go on refuses a template
 * as a whole, and takes its disks one at a time. Undefined where there is no such thing.
 */
export function halfMadeTemplate(input: VmInput): StepAnswer | undefined {
  const guest = present(input)?.guest;
  if (!guest || !isOurs(guest, input.folder.folderId) || hasWorkingTask(guest)) return undefined;
  const { vmid } = guest;
  const { keys } = guest.config.head;
  const isCutShort = input.observed.node.openEntries.some(
    (entry) =>
      entry.entry === 'begin' &&
      entry.operation.op === 'pve' &&
      entry.operation.call === 'qm template' &&
      entry.operation.vmid === vmid,
  );
  if (keys.get('template') !== '1' || keys.has('lock') || !isCutShort) return undefined;
  const left = [...keys].filter(
    ([key, text]) => isDrive('vm', key) && /^[^/,]+:(?:[^,]*\/)?vm-\d+-disk-/.test(text),
  );
  if (left.length === 0) return undefined;
  return {
    ...NOTHING,
    changes: left.map(([key, text]) => ({
      target: vmid,
      step: STEP,
      attribute: `template disk ${key}`,
      before: text.split(',', 1)[0],
      after: 'a base that clones can link to',
      effect: 'live',
    })),
    operations: left.map(([key]): PveOperation => ({
      op: 'pve',
      target: vmid,
      step: STEP,
      changes: [`template disk ${key}`],
      gates: [],
      call: 'qm template',
      vmid,
      params: { disk: key },
    })),
  };
}
