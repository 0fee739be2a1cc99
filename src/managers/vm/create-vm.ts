import type { Diagnostic } from '../../model/diagnostic.ts';
import type { PveOperation } from '../../model/operation.ts';
import type { Value } from '../../model/value.ts';
import { storageGate } from '../../pve/gates.ts';
import { joinRecords, newRecord, writeNodeRecord } from '../guest/keep-record.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';
import { findImage } from './image.ts';
import type { VmInput } from './input.ts';
import { wantedRecord } from './record.ts';
import { formatOn, storagesOf } from './storages.ts';
import { newDisk, newFirmwareDisk } from './wanted/disks.ts';
import { newKeys } from './wanted/keys.ts';
import { newNic } from './wanted/nics.ts';
import { newPciDevice } from './wanted/pci-devices.ts';

const STEP = 'ensure_vm_defined';
const FIRST_DISK = 'scsi0';

/**
 * Makes the VM from a cloud image, with everything in the one `qm create` that it accepts; its record
 * is written before, and an image that is missing is downloaded first.
 */
export function createWork(input: VmInput): Work {
  const { desired } = input;
  const { image, vmid: target } = desired;
  if (!image) return { ...NO_WORK, diagnostics: [noImage(input)] };
  const { path, download } = findImage(input, image);
  const attribute = 'virtual machine';
  const create: PveOperation = {
    op: 'pve',
    target,
    step: STEP,
    changes: [attribute],
    gates: storagesOf(desired).toSorted().map(storageGate),
    call: 'qm create',
    vmid: target,
    params: createParameters(input, path),
  };
  const record = joinRecords(newRecord(input), wantedRecord(input));
  const change = {
    target,
    step: STEP,
    attribute,
    before: undefined,
    after: `made from ${image.file}`,
    effect: 'live',
  } as const;
  return joinWork([
    { ...NO_WORK, changes: [change] },
    download,
    { ...NO_WORK, operations: [writeNodeRecord(record, { step: STEP, changes: [] }), create] },
  ]);
}

/** Every key of `qm create` that the folder sets, and what a machine from a cloud image needs besides. */
function createParameters(input: VmInput, image: string): Readonly<Record<string, Value>> {
  const { desired, folder, observed } = input;
  const { node } = observed;
  const [storage = 'local'] = storagesOf(desired);
  const format = formatOn(storage, node);
  const place = { folder, node: node.nodeName };
  const disk = [
    `${storage}:0`,
    `import-from=${image}`,
    'discard=on',
    ...(format ? [`format=${format}`] : []),
  ];
  return {
    ostype: 'l26',
    scsihw: 'virtio-scsi-single',
    [FIRST_DISK]: disk.join(','),
    boot: `order=${FIRST_DISK}`,
    ...(desired.cloudInit && { ide2: `${storage}:cloudinit` }),
    ...(desired.bios === 'ovmf' && { efidisk0: newFirmwareDisk(storage, format) }),
    ...Object.fromEntries(newKeys(desired, folder)),
    ...Object.fromEntries(desired.disks.map((one) => [one.slot, newDisk(one, formatOn(one.storage, node))])),
    ...Object.fromEntries(desired.nics.map((nic) => [nic.slot, newNic(nic, desired, place)])),
    ...Object.fromEntries(desired.pciDevices.map((device) => [device.slot, newPciDevice(device)])),
  };
}

function noImage({ desired }: VmInput): Diagnostic {
  return {
    code: 'vm/nothing-to-make-it-from',
    severity: 'error',
    summary: `virtual machine ${desired.vmid} is not there and nothing says what to make it from`,
    remedy: 'Give it "image", "template_image" or "clone_from_vmid".',
    position: desired.position,
    target: desired.vmid,
  };
}
