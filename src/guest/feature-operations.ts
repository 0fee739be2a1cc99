import type { DesiredFeature, DesiredGuest } from '../model/desired.ts';
import type { CheckOperation, ExecOperation, Script } from '../model/operation.ts';
import type { Scalar } from '../model/value.ts';
import { featureFact } from './applied.ts';

/** Limit of one run of a feature's `check`. */
const CHECK_TIMEOUT_MS = 60_000;

/** The probe that asks whether a feature is in place. `step` is who asks. */
export function checkFeature(guest: DesiredGuest, feature: DesiredFeature, step: string): CheckOperation {
  return {
    op: 'check',
    target: guest.vmid,
    step,
    changes: [],
    gates: [],
    needs: [featureFact(feature)],
    in: guest.vmid,
    probe: {
      kind: 'command',
      script: scriptOf(feature, 'check'),
      env: optionVariables(feature),
    },
    retries: 1,
    intervalMs: 1000,
    timeoutMs: CHECK_TIMEOUT_MS,
    title: `check feature ${feature.name}`,
  };
}

/** The check after an install, patient with a service that is still coming up. */
export function verifyFeature(guest: DesiredGuest, feature: DesiredFeature, step: string): CheckOperation {
  return {
    ...checkFeature(guest, feature, step),
    changes: [featureAttribute(feature)],
    retries: 5,
    intervalMs: 2000,
    title: `verify feature ${feature.name}`,
  };
}

/** The operation that installs a feature. */
export function installFeature(guest: DesiredGuest, feature: DesiredFeature, step: string): ExecOperation {
  return {
    op: 'exec',
    target: guest.vmid,
    step,
    changes: [featureAttribute(feature)],
    gates: [],
    provides: [featureFact(feature)],
    in: guest.vmid,
    script: scriptOf(feature, 'install'),
    env: optionVariables(feature),
    timeoutMs: feature.timeoutMs,
    title: `install feature ${feature.name}`,
  };
}

/** The attribute of a feature's change. */
export function featureAttribute(feature: DesiredFeature): string {
  return `feature ${feature.name}`;
}

function scriptOf(feature: DesiredFeature, part: 'check' | 'install'): Script {
  return {
    name: `${feature.name}-${part}`,
    content: feature[part],
    inputs: feature.inputs,
    files: feature.files,
  };
}

function optionVariables(feature: DesiredFeature): Readonly<Record<string, Scalar>> {
  const options = Object.entries(feature.options);
  return Object.fromEntries(options.map(([name, value]) => [`PHOENIX_OPTION_${name.toUpperCase()}`, value]));
}
