import type { WaitFor, WaitOperation } from '../../model/operation.ts';
import type { GuestId } from '../../model/target.ts';

/** Waits for a state of a VM. */
export function waitFor(
  vmid: GuestId,
  state: WaitFor,
  { step, timeoutMs }: { readonly step: string; readonly timeoutMs: number },
): WaitOperation {
  return { op: 'wait', target: vmid, step, changes: [], gates: [], in: vmid, for: state, timeoutMs };
}
