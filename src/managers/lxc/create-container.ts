import type { PveOperation } from '../../model/operation.ts';
import type { DesiredContainer } from '../../model/desired.ts';
import type { Value } from '../../model/value.ts';
import { storageGate } from '../../pve/gates.ts';
import { hostPathWork } from './host-paths.ts';
import type { LxcInput } from './input.ts';
import { joinRecords, newRecord, writeNodeRecord } from '../guest/keep-record.ts';
import { wantedRecord } from './record.ts';
import { findTemplate } from './template.ts';
import { newDevice, wantedDevices } from './wanted/devices.ts';
import { newMount, wantedMounts } from './wanted/mounts.ts';
import { newNic } from './wanted/nics.ts';
import { wantedScalars } from './wanted/scalars.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';

const STEP = 'ensure_container_defined';

/**
 * Makes the container from a template, with everything in the one `pct create` that it accepts; its
 * record is written before, and a template that is missing is downloaded first.
 */
export function createWork(input: LxcInput): Work {
  const { desired, observed } = input;
  const found = findTemplate(input);
  if ('diagnostic' in found) return { ...NO_WORK, diagnostics: [found.diagnostic] };
  const target = desired.vmid;
  const change = {
    target,
    step: STEP,
    attribute: 'container',
    before: undefined,
    after: `made from ${found.volume}`,
    effect: 'live',
  } as const;
  const record = joinRecords(newRecord(input), wantedRecord(input));
  const create: PveOperation = {
    op: 'pve',
    target,
    step: STEP,
    changes: ['container'],
    gates: storagesOf(desired).map(storageGate),
    call: 'pct create',
    vmid: target,
    positional: [found.volume],
    params: createParameters(input, observed.node.nodeName),
  };
  return joinWork([
    { ...NO_WORK, changes: [change] },
    found.download,
    hostPathWork(input, STEP),
    { ...NO_WORK, operations: [writeNodeRecord(record, { step: STEP, changes: [] }), create] },
  ]);
}

/** Every key of `pct create` that the folder sets. */
function createParameters(input: LxcInput, node: string): Readonly<Record<string, Value>> {
  const { desired, folder, observed } = input;
  const scalars = [...wantedScalars(desired, folder)].filter(([, value]) => value !== '');
  const nics = desired.nics.map((nic, index) => [
    `net${index}`,
    newNic(nic, desired, { folder, node, index }),
  ]);
  const mounts = wantedMounts(desired).map((mount, index) => [`mp${index}`, newMount(mount)]);
  const devices = wantedDevices(desired, observed.node.gpuDevices).map((device, index) => [
    `dev${index}`,
    newDevice(device),
  ]);
  const rootfs = rootfsOf(desired);
  return Object.fromEntries([
    ...(rootfs === undefined ? [] : [['rootfs', rootfs]]),
    ...scalars,
    ...(desired.unprivileged === undefined ? [] : [['unprivileged', desired.unprivileged ? '1' : '0']]),
    ...nics,
    ...mounts,
    ...devices,
  ]);
}

/** `rootfs`, with what `pct create` itself takes where the folder leaves one half out. */
function rootfsOf({ storage, rootfsGiB }: DesiredContainer): string | undefined {
  if (storage === undefined && rootfsGiB === undefined) return undefined;
  return `${storage ?? PCT_STORAGE}:${rootfsGiB ?? PCT_ROOTFS_GIB}`;
}

function storagesOf({ storage, volumes }: DesiredContainer): readonly string[] {
  return [...new Set([storage ?? PCT_STORAGE, ...volumes.map((volume) => volume.storage)])].toSorted();
}

const PCT_STORAGE = 'local';
const PCT_ROOTFS_GIB = 4;
