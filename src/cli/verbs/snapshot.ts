import { STATE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { SNAPSHOT_NAME, snapshotName } from '../command-line/snapshot-name.ts';
import { onSnapshots } from '../run/on-snapshots.ts';
import type { Verb } from '../verb.ts';

/** `phoenix snapshot`: a snapshot of the targets, with what Phoenix knows of them. */
export const snapshot: Verb = {
  name: 'snapshot',
  summary: 'take a snapshot of guests',
  details:
    'Does nothing where a snapshot of that name is there already. Refused, with the reason, where a guest can have none.',
  operands: [targetsOperand({ isRequired: true })],
  options: [SNAPSHOT_NAME, ...STATE_OPTIONS],
  examples: [['phoenix snapshot web database --name before-upgrade', 'two guests']],
  run: async (context) => await onSnapshots(context, 'snapshot', snapshotName(context.options)),
};
