import type { ObservedGuest } from '../../model/observation.ts';
import type { PveOperation } from '../../model/operation.ts';
import { NO_WORK, type Work } from './work.ts';
import { wordsOf } from './words.ts';

/** Is there a snapshot of this very name, taken to its end? One that was cut short has a `snapstate`. */
export function hasSnapshot({ config }: ObservedGuest, name: string): boolean {
  const section = config.snapshots.get(name);
  return section !== undefined && !section.keys.has('snapstate');
}

/** Takes a snapshot where there is none of its name. */
export function takenOnce(guest: ObservedGuest, name: string, step: string): Work {
  if (hasSnapshot(guest, name)) return NO_WORK;
  const attribute = `snapshot ${name}`;
  return {
    ...NO_WORK,
    changes: [{ target: guest.vmid, step, attribute, before: undefined, after: 'taken', effect: 'live' }],
    operations: takeSnapshot(guest, name, { step, attribute }),
  };
}

/** The snapshot that a change is taken back to. */
export const BEFORE = 'phoenix-before';

/** Who asks for a call, and for which change. */
export type Asks = { readonly step: string; readonly attribute: string };

/** Takes a snapshot; what a cut-short attempt left under its name goes first. */
export function takeSnapshot(guest: ObservedGuest, name: string, asks: Asks): readonly PveOperation[] {
  const isBroken = guest.config.snapshots.get(name)?.keys.has('snapstate') === true;
  return [
    ...(isBroken ? [removeSnapshot(guest, name, asks)] : []),
    snapshotCall(guest, 'snapshot', { name, ...asks }),
  ];
}

/** Removes a snapshot; one that was cut short needs force, since volumes may lack it. */
export function removeSnapshot(guest: ObservedGuest, name: string, asks: Asks): PveOperation {
  const operation = snapshotCall(guest, 'delsnapshot', { name, ...asks });
  const isBroken = guest.config.snapshots.get(name)?.keys.has('snapstate') === true;
  return isBroken ? { ...operation, params: { force: true } } : operation;
}

/** Takes a guest back to a snapshot, which shuts it off, and starts it where it should run. */
export function rollbackCall(
  guest: ObservedGuest,
  name: string,
  { isStarted, ...asks }: Asks & { readonly isStarted: boolean },
): PveOperation {
  const operation = snapshotCall(guest, 'rollback', { name, ...asks });
  return isStarted ? { ...operation, params: { start: true } } : operation;
}

/** One call about a snapshot, as it is. */
export function snapshotCall(
  { vmid, kind }: ObservedGuest,
  call: 'snapshot' | 'delsnapshot' | 'rollback',
  { name, step, attribute }: Asks & { readonly name: string },
): PveOperation {
  return {
    op: 'pve',
    target: vmid,
    step,
    changes: [attribute],
    gates: [],
    call: `${wordsOf(kind).tool} ${call}`,
    vmid,
    positional: [name],
    params: {},
  };
}
