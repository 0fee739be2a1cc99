import { planApplicationScript } from '../../guest/plan-application-script.ts';
import type { LxcStep } from './input.ts';

/** Runs the container's application script where it differs from the one that ran last. */
export const runApplicationScript: LxcStep = {
  name: 'run_application_script',
  plan: planApplicationScript,
};
