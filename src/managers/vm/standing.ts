import type { Diagnostic } from '../../model/diagnostic.ts';
import { effectiveKeys } from '../../pve/effective.ts';
import { parseDrive, storageOf } from '../../pve/qemu/drives.ts';
import { shrinkDiagnostics } from '../guest/grow.ts';
import { protectionDiagnostics } from '../guest/protection.ts';
import { configurationDifferences } from './differences/all.ts';
import { holdsTray } from './differences/disks.ts';
import type { PresentVm } from './input.ts';
import { sizedDisks } from './resize.ts';

/**
 * What can't become of a VM that stands, known before it is touched: a disk that would shrink, a slot
 * that holds a CD drive, a device to boot from that is not there, a drive that its protection keeps.
 */
export function standingDiagnostics(input: PresentVm): readonly Diagnostic[] {
  return [
    ...shrinkDiagnostics(input, sizedDisks(input)),
    ...slotDiagnostics(input),
    ...bootDiagnostics(input),
    ...protectionDiagnostics(input, configurationDifferences(input)),
    ...elsewhereDiagnostics(input),
  ];
}

type Said = Pick<Diagnostic, 'code' | 'summary'> & Partial<Diagnostic>;

function problem({ desired }: PresentVm, said: Said): Diagnostic {
  return { severity: 'error', position: desired.position, target: desired.vmid, ...said };
}

function slotDiagnostics(input: PresentVm): readonly Diagnostic[] {
  return input.desired.disks
    .filter(({ slot }) => holdsTray(input, slot))
    .map(({ slot }) =>
      problem(input, {
        code: 'vm/slot-taken',
        summary: `${slot} holds a CD drive, not a disk`,
        detail: 'Proxmox makes no disk of it ("unable to change media type").',
        remedy: 'Give the disk another slot.',
      }),
    );
}

function bootDiagnostics(input: PresentVm): readonly Diagnostic[] {
  const { desired, guest } = input;
  const later = effectiveKeys(guest.config);
  const wanted = new Set([...desired.disks, ...desired.nics].map(({ slot }) => slot));
  const missing = (desired.bootOrder ?? []).filter((device) => !later.has(device) && !wanted.has(device));
  if (missing.length === 0) return [];
  const bootable = [...later.keys()].filter((key) => /^(?:scsi|virtio|sata|ide|net)\d+$/.test(key));
  return [
    problem(input, {
      code: 'vm/boot-device-missing',
      summary: `${guest.vmid} has no ${missing.join(' and no ')} to boot from`,
      detail: `It has ${bootable.length === 0 ? 'nothing to boot from' : bootable.join(', ')}.`,
      remedy: 'Correct boot_devices.',
    }),
  ];
}

function elsewhereDiagnostics(input: PresentVm): readonly Diagnostic[] {
  const { desired, guest } = input;
  return desired.disks.flatMap(({ slot, storage }) => {
    const found = storageOf(parseDrive(guest.config.head.keys.get(slot) ?? ''));
    if (found === undefined || found === storage || holdsTray(input, slot)) return [];
    return [
      problem(input, {
        code: 'vm/volume-elsewhere',
        severity: 'warning',
        summary: `the disk at ${slot} is on ${found}, not on ${storage}`,
        detail: 'Phoenix allocates a volume once and never moves it.',
        remedy: `qm disk move ${guest.vmid} ${slot} ${storage}`,
      }),
    ];
  });
}
