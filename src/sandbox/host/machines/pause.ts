import type { GuestId } from '../../../model/target.ts';
import { qmp } from './qmp.ts';
import { machineState } from './run-state.ts';

/** Stops or resumes the processors of a VM. */
export async function pauseMachine(vmid: GuestId, isPaused: boolean): Promise<void> {
  await qmp(vmid, [{ execute: isPaused ? 'stop' : 'cont' }]);
}

/** Does something while a VM that runs writes nothing to its disks: QEMU hands all on when it pauses. */
export async function whilePaused(vmid: GuestId, work: () => Promise<void>): Promise<void> {
  const state = await machineState(vmid);
  if (state?.status !== 'running') return work();
  await pauseMachine(vmid, true);
  try {
    await work();
  } finally {
    await pauseMachine(vmid, false);
  }
}
