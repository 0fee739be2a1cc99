import type { ObservedGuest } from '../../model/observation.ts';
import type { WaitOperation } from '../../model/operation.ts';

/** Does a task of Proxmox work on the guest? Someone who looks at its console doesn't. */
export function hasWorkingTask({ tasks }: ObservedGuest): boolean {
  return tasks.some((task) => !/:(vncproxy|termproxy|vncshell|spiceproxy|spiceshell):/.test(task));
}

/** Waits until Proxmox's tasks of a guest have ended: a killed `pct` leaves its worker alive. */
export function waitForTasks(target: number, step: string, guest: number): WaitOperation {
  return { op: 'wait', target, step, changes: [], gates: [], in: guest, for: 'task', timeoutMs: 600_000 };
}
