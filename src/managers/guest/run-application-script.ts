import { planApplicationScript } from '../../guest/plan-application-script.ts';
import { recordNeeds } from './record-needs.ts';
import type { GuestStep } from './input.ts';

/** Runs the guest's application script where it differs from the one that ran last. */
export const runApplicationScript: GuestStep = {
  name: 'run_application_script',
  needs: recordNeeds,
  plan: planApplicationScript,
};
