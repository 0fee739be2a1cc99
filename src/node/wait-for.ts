import type { RunOptions } from '../model/node.ts';
import type { WaitOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { COMMAND_SH, WAIT_INIT_SH, WAIT_NETWORK_SH } from './guest-programs.ts';
import { inPlace, runOn, type Machine } from './machine.ts';
import type { Mask } from './mask.ts';
import { outcomeOf, refused, timedOut } from './outcome.ts';
import { TOOL_PROCESSES_SH } from './tool-processes.ts';
import { waitInMachine } from './wait-in-machine.ts';
import { WAIT_RUN_STATE_SH, WAIT_TASKS_AWK, WAIT_TASKS_SH } from './wait-programs.ts';

/** Waits for a state of a guest with one process at a time that looks by itself. */
export async function waitFor(
  machine: Machine,
  operation: WaitOperation,
  mask: Mask,
  options: RunOptions,
): Promise<Outcome> {
  const { in: place } = operation;
  if (place !== 'node' && machine.isVm(place) && /^(agent|cloud-init)$/.test(operation.for))
    return waitInMachine(machine, { ...operation, in: place }, mask, options);
  const words = waitWords(machine, operation);
  if (!words) {
    return refused({
      code: 'node/unsupported-wait',
      severity: 'error',
      summary: `Nothing here can wait for ${operation.for}`,
      detail:
        'Only guests and Proxmox tasks can be waited for, an agent and Cloud-Init only of a virtual machine.',
    });
  }
  const { timeoutMs } = operation;
  const end = await runOn(machine, words, {
    signal: options.signal,
    timeoutMs: timeoutMs + GRACE_MS,
  });
  if (end.rc === TIMEOUT_CODE || end.ended === 'timeout') return timedOut(end, mask, timeoutMs);
  return outcomeOf(end, mask);
}

const GRACE_MS = 5000;
const TIMEOUT_CODE = 124;

function waitWords(
  machine: Machine,
  { in: place, for: state, timeoutMs }: WaitOperation,
): string[] | undefined {
  const limit = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const inGuest = (text: string): string[] =>
    inPlace(machine, place, ['sh', '-c', COMMAND_SH, 'phoenix-wait', 'wait', limit, '/bin/sh', '-c', text]);
  const onNode = (...argv: string[]): string[] => ['timeout', limit, 'sh', '-c', ...argv];
  switch (state) {
    case 'init':
      return place === 'node' ? undefined : inGuest(WAIT_INIT_SH);
    case 'network':
      return place === 'node' ? undefined : inGuest(WAIT_NETWORK_SH);
    case 'running':
    case 'stopped':
      return onNode(WAIT_RUN_STATE_SH, 'phoenix-wait', state, String(place));
    case 'task':
      return onNode(WAIT_TASKS_SH, 'phoenix-wait', WAIT_TASKS_AWK, TOOL_PROCESSES_SH, String(place));
    default:
      return undefined;
  }
}
