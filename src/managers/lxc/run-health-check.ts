import { planHealthChecks } from '../../guest/plan-health-checks.ts';
import type { LxcStep } from './input.ts';

/** Asks the container's health checks; one that fails is an error. */
export const runHealthCheck: LxcStep = { name: 'run_health_check', plan: planHealthChecks };
