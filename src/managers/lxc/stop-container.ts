import type { PveOperation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { present, type LxcStep } from './input.ts';

const STEP = 'stop_container';
const DEFAULT_TIMEOUT_SECONDS = 60;

/**
 * Shuts the container down in order and within `--timeout` seconds; `--force` cuts it off where it
 * doesn't. The verbs that name it are its consent.
 */
export const stopContainer: LxcStep = {
  name: STEP,
  plan: (input): StepAnswer => {
    const guest = present(input)?.guest;
    if (!guest?.running) return NOTHING;
    const { timeout, force } = input.purpose.options;
    const seconds = Number(timeout ?? DEFAULT_TIMEOUT_SECONDS);
    const isForced = force === true || input.purpose.verb === 'delete';
    const attribute = 'running';
    const shutdown: PveOperation = {
      op: 'pve',
      target: guest.vmid,
      step: STEP,
      changes: [attribute],
      gates: [],
      call: 'pct shutdown',
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
          step: STEP,
          attribute,
          before: 'running',
          after: 'stopped',
          effect: 'restart',
        },
      ],
      operations: [shutdown],
    };
  },
};
