import { STATE_OPTIONS, targetsOperand } from '../command-line/options.ts';
import { SNAPSHOT_NAME, snapshotName } from '../command-line/snapshot-name.ts';
import { proceedOrStop } from '../run/ask.ts';
import { onSnapshots } from '../run/on-snapshots.ts';
import type { Verb } from '../verb.ts';

/** `phoenix rollback`: the targets as they were when a snapshot was taken. */
export const rollback: Verb = {
  name: 'rollback',
  summary: 'take guests back to a snapshot',
  details:
    'Asks first, unless --yes: everything that was written since is lost. Without --name it is the snapshot that was taken before a change that rolls back by itself.',
  operands: [targetsOperand({ isRequired: true })],
  options: [SNAPSHOT_NAME, ...STATE_OPTIONS],
  examples: [['phoenix rollback web --name before-upgrade', 'one guest; asks first']],
  run: async (context) => {
    const name = snapshotName(context.options, 'phoenix-before');
    return await onSnapshots(context, 'rollback', name, async (guests) => {
      const list = guests.map(({ vmid, name: title }) => `${vmid} ${title}`).join(', ');
      await proceedOrStop(context, {
        question: `Take ${list} back to ${name}? What was written since is lost.`,
        not: 'nothing was taken back',
        detail: `What was written since ${name} would be lost in: ${list}.`,
      });
    });
  },
};
