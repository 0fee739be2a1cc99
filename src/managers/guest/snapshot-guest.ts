import type { Diagnostic } from '../../model/diagnostic.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { present, recordOf, type GuestInput, type GuestStep, type PresentGuest } from './input.ts';
import { writeNodeRecord } from './keep-record.ts';
import { snapshotObstacles } from './snapshot-obstacles.ts';
import { keepRecordAt, rollBackTo } from './snapshot-record.ts';
import { BEFORE, hasSnapshot, takeSnapshot } from './snapshots.ts';

/** Takes the snapshot that `--name` names; done where it is there already. */
export const snapshotGuest: GuestStep = {
  name: 'snapshot',
  plan: (input): StepAnswer => {
    const guest = present(input);
    const name = nameOf(input);
    if (!guest || hasSnapshot(guest.guest, name)) return NOTHING;
    const obstacles = snapshotObstacles(guest.guest, guest.observed.node);
    if (obstacles.length > 0) return { ...NOTHING, diagnostics: [noSnapshot(guest, obstacles)] };
    const asks = { step: 'snapshot', attribute: `snapshot ${name}` };
    return {
      ...NOTHING,
      changes: [{ target: guest.guest.vmid, ...asks, before: undefined, after: 'taken', effect: 'live' }],
      operations: [keepRecordAt(guest, name, asks.step), ...takeSnapshot(guest.guest, name, asks)],
    };
  },
};

/**
 * Notes in the record what a guest is about to be taken back to: nothing else tells a guest that was
 * taken back from one that was not.
 */
export const announceRollback: GuestStep = {
  name: 'announce_rollback',
  plan: (input): StepAnswer => {
    const guest = present(input);
    const name = nameOf(input);
    if (!guest) return NOTHING;
    if (!hasSnapshot(guest.guest, name)) return { ...NOTHING, diagnostics: [missing(guest, name)] };
    const record = recordOf(guest.guest, input.folder.folderId);
    if (record.rollingBackTo === name) return NOTHING;
    const announced = { ...record, rollingBackTo: name };
    return {
      ...NOTHING,
      operations: [writeNodeRecord(announced, { step: 'announce_rollback', changes: [] })],
    };
  },
};

/**
 * Takes a guest back to the snapshot that was announced, and starts it where it ran. Everything
 * written since is lost, to which the verb that names it is the consent.
 */
export const rollBackGuest: GuestStep = {
  name: 'rollback',
  plan: (input): StepAnswer => {
    const guest = present(input);
    const name = guest && recordOf(guest.guest, input.folder.folderId).rollingBackTo;
    if (!guest || name === undefined) return NOTHING;
    const asks = { step: 'rollback', attribute: `snapshot ${name}` };
    return {
      ...NOTHING,
      changes: [
        {
          target: guest.guest.vmid,
          ...asks,
          before: undefined,
          after: 'rolled back to; what was written since is lost',
          effect: 'destroys-data',
        },
      ],
      operations: rollBackTo(guest, name, { ...asks, isStarted: guest.guest.running }),
    };
  },
};

function nameOf({ purpose }: GuestInput): string {
  return String(purpose.options['name'] ?? BEFORE);
}

function missing({ guest, desired }: PresentGuest, name: string): Diagnostic {
  const names = [...guest.config.snapshots.keys()];
  return {
    code: 'guest/snapshot-missing',
    severity: 'error',
    summary: `${guest.vmid} has no snapshot ${name}`,
    detail: names.length === 0 ? 'It has none at all.' : `It has: ${names.join(', ')}.`,
    ...(names.length > 0 && {
      remedy: `Name one of them:\n  phoenix rollback ${guest.vmid} --name ${names.at(-1)}`,
    }),
    position: desired.position,
    target: guest.vmid,
  };
}

function noSnapshot({ guest, desired }: PresentGuest, obstacles: readonly string[]): Diagnostic {
  return {
    code: 'guest/no-snapshot',
    severity: 'error',
    summary: `${guest.vmid} can have no snapshot`,
    detail: obstacles.join('\n'),
    remedy: `Make a backup instead:\n  vzdump ${guest.vmid} --mode snapshot`,
    position: desired.position,
    target: guest.vmid,
  };
}
