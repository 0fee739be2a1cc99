import type { CheckOperation } from './operation.ts';

/**
 * The key of a probe's answer in `Observed.answers`: where it runs, what it asks, what must be true
 * and how patiently. Equal for probes that differ only in who asks and how they are titled. A secret
 * counts by its reference.
 */
export function probeKey(operation: CheckOperation): string {
  const { in: place, probe, needs, retries, intervalMs, timeoutMs } = operation;
  return JSON.stringify([place, probe, needs ?? [], retries, intervalMs, timeoutMs]);
}
