import { planHealthChecks } from '../../guest/plan-health-checks.ts';
import type { GuestStep } from './input.ts';

/** Asks the guest's health checks; one that fails is an error. */
export const runHealthCheck: GuestStep = { name: 'run_health_check', plan: planHealthChecks };
