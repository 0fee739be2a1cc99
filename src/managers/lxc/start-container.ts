import type { StepAnswer } from '../../model/step.ts';
import { isFinished } from '../guest/finished.ts';
import { present } from '../guest/input.ts';
import { preConfiguredWork } from '../guest/lifecycle-snapshots.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { isLeftStopped, leftStopped, neverStarted, restartWork, startWork } from '../guest/power.ts';
import { hasWorkInside } from '../guest/work-inside.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';
import { renewHostKeys } from './host-keys.ts';
import type { LxcStep, PresentInput } from './input.ts';
import { waitUntilReady } from './ready.ts';
import { tidyContainerRecord } from './record.ts';
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
    if (isLeftStopped(container)) return leftStopped(container);
    const work = container.guest.running
      ? whileRunning(container)
      : startWork(container, waitUntilReady(container));
    return { ...work, probes: [] };
  },
};

function whileRunning(input: PresentInput): Work {
  const restart = restartWork(input, waitingChanges(input), {
    seconds: SHUTDOWN_SECONDS,
    waits: waitUntilReady(input),
  });
  if (restart.operations.length > 0) return restart;
  const keys = renewHostKeys(input, STEP);
  const isDue = keys.operations.length > 0;
  const waits = isDue || hasWorkInside(input) ? waitUntilReady(input) : [];
  // Both write the record, so the one that only tidies comes after the other has been seen.
  const rest = isDue ? NO_WORK : tidyContainerRecord(input, STEP);
  return joinWork([restart, { ...NO_WORK, operations: waits }, keys, preConfiguredWork(input, STEP), rest]);
}
