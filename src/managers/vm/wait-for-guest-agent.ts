import type { Diagnostic } from '../../model/diagnostic.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { isAgentOn } from '../../pve/qemu/agent.ts';
import { hasCloudInitDrive } from '../../pve/qemu/drives.ts';
import { present } from '../guest/input.ts';
import { missingGuest } from '../guest/missing-guest.ts';
import { recordNeeds } from '../guest/record-needs.ts';
import { hasWorkInside } from '../guest/work-inside.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';
import { growFilesystemWork, isStart } from './grow-filesystem.ts';
import type { PresentVm, VmStep } from './input.ts';
import { waitFor } from './wait.ts';

const STEP = 'wait_for_guest_agent';

/** An image without an agent gets it from its Cloud-Init, package by package. */
const AGENT_MS = 600_000;
const CLOUD_INIT_MS = 900_000;

/**
 * Waits for the VM's agent and for its Cloud-Init, where it was started by this run or something inside
 * it is to be done; for its agent alone, where it is only asked whether it is well. Otherwise nobody
 * needs to. A disk that this run grew gets its filesystem grown.
 */
export const waitForGuestAgent: VmStep = {
  name: STEP,
  needs: recordNeeds,
  plan: (input): StepAnswer => {
    const vm = present(input);
    if (!vm) return missingGuest(input);
    if (!vm.desired.agent) return NOTHING;
    const growth = growFilesystemWork(vm, STEP);
    const isDue = wasStarted(vm) || hasWorkInside(vm) || growth.operations.length > 0;
    if (!isDue && !hasChecksInside(vm)) return NOTHING;
    if (!vm.guest.running) return problem(notRunning(vm));
    // One that waits for its next start is none yet.
    if (!isAgentOn(vm.guest.config.head.keys.get('agent'))) return problem(channelWaits(vm));
    return { ...joinWork([isDue ? waits(vm) : agentWait(vm), growth]), probes: [] };
  },
};

function waits(vm: PresentVm): Work {
  const cloudInit = waitFor(vm.guest.vmid, 'cloud-init', { step: STEP, timeoutMs: CLOUD_INIT_MS });
  return joinWork([agentWait(vm), { ...NO_WORK, operations: hasCloudInit(vm) ? [cloudInit] : [] }]);
}

function agentWait({ guest }: PresentVm): Work {
  return { ...NO_WORK, operations: [waitFor(guest.vmid, 'agent', { step: STEP, timeoutMs: AGENT_MS })] };
}

/** A run that was cut short may have started it a moment ago, and its checks go in by the agent. */
function hasChecksInside({ desired, guest }: PresentVm): boolean {
  const isInside = desired.healthChecks.some(
    ({ probe }) => probe.kind === 'command' || probe.kind === 'script',
  );
  return isInside && guest.running;
}

/** Where nobody gives Cloud-Init anything to do, it may never say that it is done. */
function hasCloudInit({ desired, guest }: PresentVm): boolean {
  return desired.cloudInit !== undefined || hasCloudInitDrive(guest.config.head.keys);
}

function wasStarted({ observed }: PresentVm): boolean {
  return (observed.done ?? []).some(isStart);
}

function problem(diagnostic: Diagnostic): StepAnswer {
  return { ...NOTHING, diagnostics: [diagnostic] };
}

function notRunning({ desired }: PresentVm): Diagnostic {
  return {
    code: 'vm/not-running',
    severity: 'error',
    summary: `virtual machine ${desired.vmid} does not run, and something inside it is to be done`,
    detail: 'It ended soon after its start.',
    remedy: `Look at why, then run the same command again:\nqm start ${desired.vmid} && qm terminal ${desired.vmid}`,
    position: desired.position,
    target: desired.vmid,
  };
}

function channelWaits({ desired }: PresentVm): Diagnostic {
  return {
    code: 'vm/agent-waits-for-restart',
    severity: 'error',
    summary: `virtual machine ${desired.vmid} runs without a channel for a guest agent`,
    detail: 'It gets one at its next start; until then Phoenix can do nothing inside it.',
    remedy: `Let it restart:\nphoenix converge ${desired.vmid} --allow restart`,
    position: desired.position,
    target: desired.vmid,
  };
}
