import type { Change } from '../model/change.ts';
import type { DesiredFeature, DesiredGuest } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { CheckOperation, Operation } from '../model/operation.ts';
import { probeKey } from '../model/probe-key.ts';
import { NOTHING, type StepAnswer, type StepInput } from '../model/step.ts';
import { type Applied, readApplied, withFeature, writeRecord } from './applied.ts';
import { checkFeature, featureAttribute, installFeature, verifyFeature } from './feature-operations.ts';
import { orderFeatures } from './feature-order.ts';
import {
  circularNeeds,
  checkGaveNoAnswer,
  missingNeeds,
  NO_RECORD_SEEN,
  noLongerNamed,
  notRunning,
  recordUnknown,
} from './feature-diagnostics.ts';
import { inheritedFeatures } from './inherited-features.ts';
import { verdictOf } from './verdict.ts';

const STEP = 'apply_features';

/**
 * The step `apply_features` of both kinds of guest. A feature without an entry in the guest's record
 * is asked for first (a probe) and only recorded if it is in place; one with another digest is
 * installed, then checked. The record is written after each, so that a kill between loses one at
 * most. A guest that doesn't run gets nothing and a notice.
 */
export function planFeatures(input: StepInput<DesiredGuest>): StepAnswer {
  const { desired: guest, observed, folder } = input;
  const applied = readApplied(observed.guest?.record);
  const inherited = inheritedFeatures(guest, folder);
  const left = noLongerNamed(guest, applied, inherited);
  if (guest.features.length === 0) return { ...NOTHING, diagnostics: left };
  if (observed.guest?.running !== true) return { ...NOTHING, diagnostics: [notRunning(guest, 'features')] };

  const order = orderFeatures(guest.features);
  if ('circle' in order) return { ...NOTHING, diagnostics: [circularNeeds(guest, order.circle)] };
  const missing = missingNeeds(guest, applied, inherited);
  if (missing.length > 0) return { ...NOTHING, diagnostics: missing };

  const different = order.ordered.filter((it) => applied.features.get(it.name) !== it.digest);
  const probes = different
    .filter((it) => !applied.features.has(it.name))
    .map((it) => checkFeature(guest, it, STEP));
  if (probes.some((probe) => !observed.answers.has(probeKey(probe)))) {
    return { ...NOTHING, probes, diagnostics: left };
  }
  return answer({ input, applied, different, probes, left });
}

type Question = {
  readonly input: StepInput<DesiredGuest>;
  readonly applied: Applied;
  readonly different: readonly DesiredFeature[];
  readonly probes: readonly CheckOperation[];
  readonly left: readonly Diagnostic[];
};

function answer({ input, applied: before, different, probes, left }: Question): StepAnswer {
  const { desired: guest, observed } = input;
  const changes: Change[] = [];
  const operations: Operation[] = [];
  const diagnostics: Diagnostic[] = [...left];
  if (!before.isKnown && different.length > 0) diagnostics.push(recordUnknown(guest));
  let applied = before;
  for (const feature of different) {
    const outcome = observed.answers.get(probeKey(checkFeature(guest, feature, STEP)));
    const verdict = outcome && verdictOf(outcome);
    if (outcome && verdict === 'none') {
      return { ...NOTHING, probes, diagnostics: [checkGaveNoAnswer(guest, feature, outcome)] };
    }
    const isInPlace = !before.features.has(feature.name) && verdict === 'yes';
    applied = withFeature(applied, feature);
    changes.push(changeOf(guest, feature, before, isInPlace));
    if (!isInPlace) {
      operations.push(installFeature(guest, feature, STEP), verifyFeature(guest, feature, STEP));
    }
    const carries = { step: STEP, changes: [featureAttribute(feature)] };
    operations.push(writeRecord(guest, applied, carries));
  }
  return { changes, operations, probes, diagnostics };
}

function changeOf(guest: DesiredGuest, feature: DesiredFeature, before: Applied, isInPlace: boolean): Change {
  const recorded = before.features.get(feature.name);
  const change: Change = {
    target: guest.vmid,
    step: STEP,
    attribute: featureAttribute(feature),
    before: recorded?.slice(0, 12) ?? (isInPlace ? 'in place, not recorded' : undefined),
    after: feature.digest.slice(0, 12),
    effect: 'live',
  };
  return before.isKnown ? change : { ...change, assumes: NO_RECORD_SEEN };
}
