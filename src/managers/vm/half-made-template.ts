import type { EditOperation, Operation, PveOperation } from '../../model/operation.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { isDrive } from '../guest/drives.ts';
import { isOurs, present } from '../guest/input.ts';
import { hasWorkingTask } from '../guest/tasks.ts';
import type { VmInput } from './input.ts';

const STEP = 'ensure_vm_defined';

/**
 * A `qm template` of ours that was killed: Proxmox marks the VM first and turns its disks into bases
 * one by one, and linked clones need every one of them. The call that would go on refuses a template
 * as a whole, and takes its disks one at a time; a disk that was renamed and not yet named so in the
 * config is named by hand. Undefined where there is no such thing.
 */
export function halfMadeTemplate(input: VmInput): StepAnswer | undefined {
  const guest = present(input)?.guest;
  if (!guest || !isOurs(guest, input.folder.folderId) || hasWorkingTask(guest)) return undefined;
  const { vmid } = guest;
  const { keys } = guest.config.head;
  if (keys.get('template') !== '1' || keys.has('lock') || !isCutShort(input, vmid)) return undefined;
  const left = [...keys].flatMap(([key, text]) => (isDrive('vm', key) ? diskLeft(key, text) : []));
  if (left.length === 0) return undefined;
  const { volumes } = input.observed.node;
  return {
    ...NOTHING,
    changes: left.map(({ key, volume }) => ({
      target: vmid,
      step: STEP,
      attribute: `template disk ${key}`,
      before: volume,
      after: 'a base that clones can link to',
      effect: 'live',
    })),
    operations: left.map((disk): Operation => {
      const isRenamed = !volumes.includes(disk.volume) && volumes.includes(disk.base);
      return isRenamed ? nameBase(guest, disk) : makeBase(guest, disk);
    }),
  };
}

type DiskLeft = {
  readonly key: string;
  readonly text: string;
  readonly volume: string;
  /** What Proxmox renames it to. */
  readonly base: string;
};

function diskLeft(key: string, text: string): DiskLeft[] {
  const [volume = ''] = text.split(',', 1);
  const match = /^([^/]+:(?:.*\/)?)vm-(\d+-disk-[^/]*)$/.exec(volume);
  return match ? [{ key, text, volume, base: `${match[1]}base-${match[2]}` }] : [];
}

function isCutShort({ observed }: VmInput, vmid: number): boolean {
  return observed.node.openEntries.some(
    (entry) =>
      entry.entry === 'begin' &&
      entry.operation.op === 'pve' &&
      entry.operation.call === 'qm template' &&
      entry.operation.vmid === vmid,
  );
}

function makeBase({ vmid }: ObservedGuest, { key }: DiskLeft): PveOperation {
  return {
    op: 'pve',
    target: vmid,
    step: STEP,
    changes: [`template disk ${key}`],
    gates: [],
    call: 'qm template',
    vmid,
    params: { disk: key },
  };
}

function nameBase({ vmid, node }: ObservedGuest, { key, text, volume, base }: DiskLeft): EditOperation {
  return {
    op: 'edit',
    target: vmid,
    step: STEP,
    changes: [`template disk ${key}`],
    gates: [],
    path: `/etc/pve/nodes/${node}/qemu-server/${vmid}.conf`,
    vmid,
    remove: [`${key}: ${text}`],
    add: [`${key}: ${base}${text.slice(volume.length)}`],
  };
}
