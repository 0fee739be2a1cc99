import type { Operation } from '../../model/operation.ts';
import { NO_WORK, type Work } from '../guest/work.ts';
import type { PresentVm } from './input.ts';

/**
 * The filesystem of the first disk, grown inside the running VM after this run grew the disk. Where that
 * is cut short, its next boot does it: Cloud-Init grows it each time.
 */
export function growFilesystemWork({ desired, guest, observed }: PresentVm, step: string): Work {
  const { vmid } = guest;
  const attribute = 'filesystem';
  const done = observed.done ?? [];
  const grown = done.findLastIndex(isGrowth);
  const isSeen = done.slice(grown + 1).some((one) => isStart(one) || one.changes.includes(attribute));
  if (grown < 0 || isSeen || !desired.cloudInit || !guest.running) return NO_WORK;
  return {
    ...NO_WORK,
    changes: [
      { target: vmid, step, attribute, before: undefined, after: 'as large as its disk', effect: 'live' },
    ],
    operations: [
      {
        op: 'exec',
        target: vmid,
        step,
        changes: [attribute],
        gates: [],
        in: vmid,
        script: { name: 'grow-filesystem', content: SCRIPT },
        timeoutMs: 300_000,
        title: 'grow the filesystem',
      },
    ],
  };
}

const SCRIPT = `#!/bin/sh
set -eu
command -v cloud-init >/dev/null 2>&1 || exit 0
cloud-init single --name growpart --frequency always
cloud-init single --name resizefs --frequency always
`;

function isGrowth(operation: Operation): boolean {
  return operation.op === 'pve' && operation.call === 'qm resize';
}

/** Was a VM started by this operation? */
export function isStart(operation: Operation): boolean {
  return operation.op === 'pve' && operation.call === 'qm start';
}
