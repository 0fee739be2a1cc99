import type { Change } from '../../model/change.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Operation, PveOperation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import type { PresentGuest } from './input.ts';
import { wordsOf } from './words.ts';
import { NO_WORK, type Work } from './work.ts';

/** The answer for a template or a golden guest: nothing of the later steps applies to it. */
export function neverStarted({ guest }: PresentGuest): StepAnswer {
  const isTemplate = guest.config.head.keys.get('template') === '1';
  const { tool, noun } = wordsOf(guest.kind);
  const notice: Diagnostic = {
    code: `${guest.kind}/never-started`,
    severity: 'notice',
    summary: `${guest.vmid} is ${isTemplate ? 'a template' : `a golden ${noun}`} and is never started`,
    remedy: `To look into it, start a clone of it${isTemplate ? '.' : `, or by hand:\n${tool} start ${guest.vmid}`}`,
    target: guest.vmid,
  };
  return { ...NOTHING, finished: true, diagnostics: [notice] };
}

/** Is it stopped, and meant to be left so by everything but a verb that names the start? */
export function isLeftStopped({ guest, desired, purpose }: PresentGuest): boolean {
  return desired.staysStopped === true && !guest.running && !/^(?:start|restart)$/.test(purpose.verb);
}

/** The answer for a guest that is left stopped: what is inside it is left alone too. */
export function leftStopped({ guest }: PresentGuest): StepAnswer {
  const notice: Diagnostic = {
    code: `${guest.kind}/left-stopped`,
    severity: 'notice',
    summary: `${guest.vmid} is stopped and stays so`,
    remedy: `The folder says "stays_stopped". To start it all the same:\nphoenix start ${guest.vmid}`,
    target: guest.vmid,
  };
  return { ...NOTHING, finished: true, diagnostics: [notice] };
}

/** Starts a stopped guest; `waits` are what its start is waited for with. */
export function startWork(input: PresentGuest, waits: readonly Operation[]): Work {
  const { guest } = input;
  const change: Change = {
    target: guest.vmid,
    step: wordsOf(guest.kind).start,
    attribute: 'running',
    before: 'stopped',
    after: 'running',
    effect: 'live',
  };
  return { ...NO_WORK, changes: [change], operations: [powerCall(input, 'start', change), ...waits] };
}

/**
 * Restarts a running guest once for everything that waits for it, where that is allowed: shut down in
 * order within `seconds`, started, waited for.
 */
export function restartWork(
  input: PresentGuest,
  waiting: readonly string[],
  { seconds, waits }: { readonly seconds: number; readonly waits: readonly Operation[] },
): Work {
  const { guest, consent } = input;
  if (waiting.length === 0) return NO_WORK;
  const change: Change = {
    target: guest.vmid,
    step: wordsOf(guest.kind).start,
    attribute: 'restart',
    before: undefined,
    after: waiting.join(', '),
    effect: 'restart',
  };
  const operations = consent.allows('restart', guest.vmid)
    ? [
        powerCall(input, 'shutdown', change, { timeout: seconds }),
        powerCall(input, 'start', change),
        ...waits,
      ]
    : [];
  return { ...NO_WORK, changes: [change], operations };
}

function powerCall(
  { guest }: PresentGuest,
  verb: 'start' | 'shutdown',
  { step, attribute }: Change,
  params: PveOperation['params'] = {},
): PveOperation {
  const { vmid, kind } = guest;
  return {
    op: 'pve',
    target: vmid,
    step,
    changes: [attribute],
    gates: [],
    call: `${wordsOf(kind).tool} ${verb}`,
    vmid,
    params,
  };
}
