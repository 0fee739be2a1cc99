import { forgetSnippets, snippetNeeds } from '../../guest/cloud-init/snippets.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import type { Operation } from '../../model/operation.ts';
import { NOTHING, type StepAnswer } from '../../model/step.ts';
import type { GuestKind } from '../../model/target.ts';
import { firewallPath } from '../../pve/firewall-file.ts';
import { nodeRecordPath } from '../../pve/node-record.ts';
import { isHalfDestroyed } from './husk.ts';
import { isOurs, type GuestInput, type GuestStep } from './input.ts';
import { foreign, refuse } from './refusals.ts';
import { hasWorkingTask, waitForTasks } from './tasks.ts';
import { wordsOf } from './words.ts';

/**
 * Destroys a guest with the volumes in its config, and what Phoenix keeps about it on the node. Disks
 * that no config names stay. A protected guest and anyone else's are refused; what a destroy of ours
 * left that was cut short goes.
 */
export function destroyGuest(kind: GuestKind): GuestStep {
  return { name: wordsOf(kind).destroy, needs: snippetNeeds, plan };
}

function plan(input: GuestInput): StepAnswer {
  const { tool, noun: attribute, nameKey, destroy: step } = wordsOf(input.desired.kind);
  const { guest } = input.observed;
  if (!guest) return NOTHING;
  const refusal = refuseToDestroy(input, guest);
  if (refusal) return { ...NOTHING, diagnostics: [refusal] };
  if (hasWorkingTask(guest)) return { ...NOTHING, operations: [waitForTasks(guest.vmid, step, guest.vmid)] };
  if (guest.running) return { ...NOTHING, diagnostics: [stillRunning(guest)] };
  const common = { target: guest.vmid, step, changes: [attribute], gates: [] } as const;
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
        step,
        attribute,
        before: guest.config.head.keys.get(nameKey) ?? String(guest.vmid),
        after: undefined,
        effect: 'destroys-data',
      },
    ],
    operations: [
      ...(isHalfDestroyed(input, guest)
        ? [{ ...common, op: 'pve', call: `${tool} unlock`, vmid: guest.vmid, params: {} } as const]
        : []),
      { ...common, op: 'pve', call: `${tool} destroy`, vmid: guest.vmid, params: { purge: true } },
      ...(guest.nodeRecord ? [forget(nodeRecordPath(guest.vmid))] : []),
      ...(guest.firewall === undefined ? [] : [forget(firewallPath(guest.vmid))]),
      ...forgetSnippets(input.observed.node, { folderId: input.folder.folderId, vmid: guest.vmid }, common),
    ],
  };
}

/** Why a guest may not be destroyed, or undefined. */
export function refuseToDestroy(input: GuestInput, guest: ObservedGuest): Diagnostic | undefined {
  const refusal = refuse(input, guest);
  if (refusal) return refusal;
  if (isHalfDestroyed(input, guest)) return undefined;
  if (!isOurs(guest, input.folder.folderId) && !input.consent.adopt) return foreign(input, guest);
  return guest.config.head.keys.get('protection') === '1' ? protectedGuest(guest) : undefined;
}

function protectedGuest({ vmid, kind }: ObservedGuest): Diagnostic {
  const { tool, noun } = wordsOf(kind);
  return {
    code: `${kind}/protected`,
    severity: 'error',
    summary: `${noun} ${vmid} is protected`,
    detail: 'Its "protection" flag forbids to destroy it.',
    remedy: `If it shall go:\n${tool} set ${vmid} --protection 0`,
    target: vmid,
  };
}

function stillRunning({ vmid, kind }: ObservedGuest): Diagnostic {
  const { tool, noun } = wordsOf(kind);
  return {
    code: `${kind}/still-running`,
    severity: 'error',
    summary: `${noun} ${vmid} still runs`,
    remedy: `${tool} stop ${vmid}`,
    target: vmid,
  };
}
