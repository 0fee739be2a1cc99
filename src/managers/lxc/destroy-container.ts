import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { Operation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import { firewallPath } from '../../pve/firewall-file.ts';
import { nodeRecordPath } from '../../pve/node-record.ts';
import { isOurs, type LxcInput, type LxcStep } from './input.ts';
import { foreign, refuse } from './refusals.ts';
import { hasWorkingTask, waitForTasks } from './tasks.ts';

const STEP = 'destroy_container';

/**
 * Destroys the container with the volumes in its config, and what Phoenix keeps about it on the
 * node. Disks that no config names stay. A protected container and anyone else's are refused.
 */
export const destroyContainer: LxcStep = {
  name: STEP,
  plan: (input): StepAnswer => {
    const { guest } = input.observed;
    if (!guest) return NOTHING;
    const refusal = refuseToDestroy(input, guest);
    if (refusal) return { ...NOTHING, diagnostics: [refusal] };
    if (hasWorkingTask(guest))
      return { ...NOTHING, operations: [waitForTasks(guest.vmid, STEP, guest.vmid)] };
    if (guest.running) return { ...NOTHING, diagnostics: [stillRunning(guest)] };
    const attribute = 'container';
    const common = { target: guest.vmid, step: STEP, changes: [attribute], gates: [] } as const;
    const forget = (path: string): Operation => ({
      ...common,
      op: 'write',
      in: 'node',
      path,
      content: null,
    });
    return {
      ...NOTHING,
      changes: [
        {
          target: guest.vmid,
          step: STEP,
          attribute,
          before: guest.config.head.keys.get('hostname') ?? String(guest.vmid),
          after: undefined,
          effect: 'destroys-data',
        },
      ],
      operations: [
        { ...common, op: 'pve', call: 'pct destroy', vmid: guest.vmid, params: { purge: true } },
        ...(guest.nodeRecord ? [forget(nodeRecordPath(guest.vmid))] : []),
        ...(guest.firewall === undefined ? [] : [forget(firewallPath(guest.vmid))]),
      ],
    };
  },
};

/** Why a guest may not be destroyed, or undefined. */
export function refuseToDestroy(input: LxcInput, guest: ObservedGuest): Diagnostic | undefined {
  const refusal = refuse(input, guest);
  if (refusal) return refusal;
  if (!isOurs(guest, input.folder.folderId) && !input.consent.adopt) return foreign(input, guest);
  return guest.config.head.keys.get('protection') === '1' ? protectedGuest(guest) : undefined;
}

function protectedGuest({ vmid }: ObservedGuest): Diagnostic {
  return {
    code: 'lxc/protected',
    severity: 'error',
    summary: `container ${vmid} is protected`,
    detail: 'Its "protection" flag forbids to destroy it.',
    remedy: `If it shall go:\npct set ${vmid} --protection 0`,
    target: vmid,
  };
}

function stillRunning({ vmid }: ObservedGuest): Diagnostic {
  return {
    code: 'lxc/still-running',
    severity: 'error',
    summary: `container ${vmid} still runs`,
    remedy: `pct stop ${vmid}`,
    target: vmid,
  };
}
