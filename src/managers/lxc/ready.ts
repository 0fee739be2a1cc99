import type { WaitFor, WaitOperation } from '../../model/operation.ts';
import type { PresentInput } from './input.ts';

const STEP = 'start_container';

/** Waits until the container runs, has finished its boot and, with an address, can reach out. */
export function waitUntilReady({ desired }: PresentInput): readonly WaitOperation[] {
  const hasAddress = desired.nics.some(({ ip, ip6 }) => isAddress(ip) || isAddress(ip6));
  const kinds: readonly WaitFor[] = ['running', 'init', ...(hasAddress ? (['network'] as const) : [])];
  return kinds.map((kind) => ({
    op: 'wait',
    target: desired.vmid,
    step: STEP,
    changes: [],
    gates: [],
    in: desired.vmid,
    for: kind,
    timeoutMs: LIMITS_MS[kind] ?? 60_000,
  }));
}

function isAddress(ip: string | undefined): boolean {
  return ip !== undefined && ip !== 'manual';
}

const LIMITS_MS: Partial<Record<WaitFor, number>> = { running: 60_000, init: 180_000, network: 120_000 };
