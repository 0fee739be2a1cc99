import { kill } from 'node:process';
import type { GuestId } from '../../../model/target.ts';
import { HostError } from '../../../twin/host.ts';
import { agentAnswers, askToPowerDown } from './agent.ts';
import { qmp } from './qmp.ts';
import { machinePid, waitUntilStopped } from './run-state.ts';

/** Ends a VM at once. */
export async function stopMachine(vmid: GuestId): Promise<void> {
  await qmp(vmid, [{ execute: 'quit' }]).catch(() => undefined);
  if (await waitUntilStopped(vmid, 5_000)) return;
  const pid = await machinePid(vmid);
  if (pid !== undefined) kill(pid, 'SIGKILL');
  if (!(await waitUntilStopped(vmid, 5_000))) throw new HostError(`VM ${vmid} does not stop`);
}

/** Asks the system inside to end, by its agent or its power button; false where it still runs in the end. */
export async function shutDownMachine(vmid: GuestId, timeoutMs: number): Promise<boolean> {
  if (await agentAnswers(vmid)) await askToPowerDown(vmid).catch(() => undefined);
  else await qmp(vmid, [{ execute: 'system_powerdown' }]);
  return waitUntilStopped(vmid, timeoutMs);
}
