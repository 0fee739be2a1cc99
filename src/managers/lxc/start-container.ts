import type { Change } from '../../model/change.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Operation, PveOperation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { isFinished } from '../guest/finished.ts';
import { renewHostKeys } from './host-keys.ts';
import { present } from '../guest/input.ts';
import type { LxcStep, PresentInput } from './input.ts';
import { tidyContainerRecord } from './record.ts';
import { preConfiguredWork } from '../guest/lifecycle-snapshots.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { hasWorkInside, waitUntilReady } from './ready.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';
import { waitingChanges } from './waiting.ts';

const STEP = 'start_container';
const SHUTDOWN_SECONDS = 60;

/**
 * Starts the container and waits until it is really up. Where it runs with something waiting for a
 * restart, it is restarted once for all of it, if that is allowed; otherwise that is left. A fresh
 * clone gets host keys of its own.
 */
export const startContainer: LxcStep = {
  name: STEP,
  plan: (input): StepAnswer => {
    const container = present(input);
    if (!container) return missingGuest(input);
    if (isFinished(container.guest, container.desired)) return neverStarted(container);
    const work = container.guest.running ? whileRunning(container) : start(container);
    return { ...work, probes: [] };
  },
};

function neverStarted({ guest }: PresentInput): StepAnswer {
  const isTemplate = guest.config.head.keys.get('template') === '1';
  const notice: Diagnostic = {
    code: 'lxc/never-started',
    severity: 'notice',
    summary: `${guest.vmid} is ${isTemplate ? 'a template' : 'a golden container'} and is never started`,
    remedy: `To look into it, start a clone of it${isTemplate ? '.' : `, or by hand:\npct start ${guest.vmid}`}`,
    target: guest.vmid,
  };
  return { ...NOTHING, finished: true, diagnostics: [notice] };
}

function start(input: PresentInput): Work {
  const change: Change = {
    target: input.guest.vmid,
    step: STEP,
    attribute: 'running',
    before: 'stopped',
    after: 'running',
    effect: 'live',
  };
  const operations = [call(input, 'pct start', change.attribute), ...waitUntilReady(input)];
  return { ...NO_WORK, changes: [change], operations };
}

function whileRunning(input: PresentInput): Work {
  const restart = restartWork(input);
  if (restart.operations.length > 0) return restart;
  const keys = renewHostKeys(input, STEP);
  const isDue = keys.operations.length > 0;
  const waits = isDue || hasWorkInside(input) ? waitUntilReady(input) : [];
  // Both write the record, so the one that only tidies comes after the other has been seen.
  const rest = isDue ? NO_WORK : tidyContainerRecord(input, STEP);
  return joinWork([restart, { ...NO_WORK, operations: waits }, keys, preConfiguredWork(input, STEP), rest]);
}

function restartWork(input: PresentInput): Work {
  const { guest, consent } = input;
  const waiting = waitingChanges(input);
  if (waiting.length === 0) return NO_WORK;
  const change: Change = {
    target: guest.vmid,
    step: STEP,
    attribute: 'restart',
    before: undefined,
    after: waiting.join(', '),
    effect: 'restart',
  };
  const operations: readonly Operation[] = consent.allows('restart', guest.vmid)
    ? [
        call(input, 'pct shutdown', change.attribute, { timeout: SHUTDOWN_SECONDS }),
        call(input, 'pct start', change.attribute),
        ...waitUntilReady(input),
      ]
    : [];
  return { ...NO_WORK, changes: [change], operations };
}

function call(
  { guest }: PresentInput,
  name: string,
  change: string,
  params: PveOperation['params'] = {},
): PveOperation {
  const { vmid } = guest;
  return { op: 'pve', target: vmid, step: STEP, changes: [change], gates: [], call: name, vmid, params };
}
