import type { Change } from '../../src/model/change.ts';
import type { CheckOperation, WaitOperation } from '../../src/model/operation.ts';
import { probeKey } from '../../src/model/probe-key.ts';
import type { RunTarget } from '../../src/model/run.ts';
import { NOTHING, type Manager, type Step } from '../../src/model/step.ts';
import type { GuestId, Target } from '../../src/model/target.ts';
import { setOperation } from './world.ts';

export type Toy = {
  readonly vmid: GuestId;
  readonly keys: Readonly<Record<string, string>>;
  readonly gates?: readonly string[];
  readonly features?: readonly string[];
};

/** Sets the keys that differ in one operation; `frozen` keys are wanted and never carried. */
export const settings: Step<Toy> = {
  name: 'settings',
  needs: ({ vmid }) => ({ paths: [`/srv/${vmid}`], volumesOf: ['local'] }),
  plan: ({ desired, observed }) => {
    const found = observed.guest?.config.head.keys;
    const different = Object.entries(desired.keys).filter(([key, value]) => found?.get(key) !== value);
    const changes = different.map(([key, value]): Change => ({
      target: desired.vmid,
      step: 'settings',
      attribute: key,
      before: found?.get(key),
      after: value,
      effect: key.startsWith('frozen') ? 'restart' : 'live',
    }));
    const carried = different.filter(([key]) => !key.startsWith('frozen'));
    if (carried.length === 0) return { ...NOTHING, changes };
    const operation = setOperation(desired.vmid, Object.fromEntries(carried), {
      gates: desired.gates ?? [],
    });
    return { ...NOTHING, changes, operations: [operation] };
  },
};

/** Asks whether a feature is there and installs it if it is not, then asks again. */
export const features: Step<Toy> = {
  name: 'features',
  plan: ({ desired, observed }) => {
    const probes = (desired.features ?? []).map((name) => checkOf(desired.vmid, name));
    if (probes.some((probe) => !observed.answers.has(probeKey(probe)))) return { ...NOTHING, probes };
    const missing = (desired.features ?? []).filter(
      (name) => observed.answers.get(probeKey(checkOf(desired.vmid, name)))?.kind !== 'done',
    );
    return {
      ...NOTHING,
      probes,
      changes: missing.map((name): Change => ({
        target: desired.vmid,
        step: 'features',
        attribute: `feature ${name}`,
        before: undefined,
        after: 'installed',
        effect: 'live',
      })),
      operations: missing.map((name) => ({
        op: 'exec',
        in: desired.vmid,
        argv: ['install', name],
        timeoutMs: 1000,
        target: desired.vmid,
        step: 'features',
        changes: [`feature ${name}`],
        gates: [],
        provides: [factOf(desired.vmid, name)],
      })),
    };
  },
};

export function checkOf(vmid: GuestId, name: string, step = 'features'): CheckOperation {
  return {
    op: 'check',
    in: vmid,
    probe: { kind: 'command', argv: ['has', name] },
    retries: 1,
    intervalMs: 0,
    timeoutMs: 1000,
    target: vmid,
    step,
    changes: [],
    gates: [],
    needs: [factOf(vmid, name)],
  };
}

export function waitFor(
  vmid: GuestId,
  what: WaitOperation['for'],
  needs: readonly string[] = [],
): WaitOperation {
  return {
    op: 'wait',
    in: vmid,
    for: what,
    timeoutMs: 1000,
    target: vmid,
    step: 'ready',
    changes: [],
    gates: [],
    needs,
  };
}

export function factOf(vmid: GuestId, name: string): string {
  return `${vmid}:${name}`;
}

export function targetOf(
  desired: Toy,
  options: { readonly after?: readonly Target[]; readonly steps?: readonly Step<Toy>[] } = {},
): RunTarget {
  const manager: Manager<Toy> = { name: 'lxc', steps: options.steps ?? [settings, features] };
  return {
    target: desired.vmid,
    title: `${desired.vmid} toy`,
    manager: manager as Manager<never>,
    desired,
    after: options.after ?? [],
  };
}
