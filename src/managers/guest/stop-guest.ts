import type { PveOperation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import type { GuestKind } from '../../model/target.ts';
import { present, type GuestInput, type GuestStep } from './input.ts';
import { wordsOf } from './words.ts';

const DEFAULT_TIMEOUT_SECONDS = 60;

/**
 * Shuts a guest down in order and within `--timeout` seconds; `--force` cuts it off where it doesn't.
 * The verbs that name it are its consent.
 */
export function stopGuest(kind: GuestKind): GuestStep {
  return { name: wordsOf(kind).stop, plan };
}

function plan(input: GuestInput): StepAnswer {
  const { tool, stop: step } = wordsOf(input.desired.kind);
  const guest = present(input)?.guest;
  if (!guest?.running) return NOTHING;
  const { timeout, force } = input.purpose.options;
  const seconds = Number(timeout ?? DEFAULT_TIMEOUT_SECONDS);
  const isForced = force === true || input.purpose.verb === 'delete';
  const attribute = 'running';
  const shutdown: PveOperation = {
    op: 'pve',
    target: guest.vmid,
    step,
    changes: [attribute],
    gates: [],
    call: `${tool} shutdown`,
    vmid: guest.vmid,
    params: {
      timeout: Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : DEFAULT_TIMEOUT_SECONDS,
      ...(isForced && { forceStop: true }),
    },
  };
  return {
    ...NOTHING,
    changes: [
      {
        target: guest.vmid,
        step,
        attribute,
        before: 'running',
        after: 'stopped',
        effect: 'restart',
      },
    ],
    operations: [shutdown],
  };
}
