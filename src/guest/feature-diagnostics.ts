import type { DesiredFeature, DesiredGuest } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Outcome } from '../model/outcome.ts';
import { GUEST_RECORD_PATH } from '../pve/guest-record.ts';
import type { Applied } from './applied.ts';

/** A guest that doesn't run: nothing inside it can be seen or done. `what` is plural. */
export function notRunning(guest: DesiredGuest, what: string): Diagnostic {
  return {
    code: 'guest/not-running',
    severity: 'notice',
    summary: `Not running: its ${what} are not looked at.`,
    detail: 'What is inside a stopped guest cannot be seen.',
    remedy: `Start it:\n  phoenix start ${guest.vmid}`,
    target: guest.vmid,
  };
}

/** Features whose `needs` go round in a circle; `circle` ends with the name that it begins with. */
export function circularNeeds(guest: DesiredGuest, circle: readonly string[]): Diagnostic {
  return {
    code: 'guest/feature-circle',
    severity: 'error',
    summary: 'The features need each other in a circle.',
    detail: circle.join(' needs '),
    remedy: "Take one of them out of another one's `needs` in its feature.json.",
    position: guest.position,
    target: guest.vmid,
  };
}

/** What features of the guest need and neither its list, its source's nor its record has. */
export function missingNeeds(
  guest: DesiredGuest,
  applied: Applied,
  inherited: ReadonlySet<string>,
): readonly Diagnostic[] {
  const named = new Set(guest.features.map((feature) => feature.name));
  const isThere = (name: string) => named.has(name) || inherited.has(name) || applied.features.has(name);
  return guest.features.flatMap((feature) =>
    feature.needs
      .filter((name) => !isThere(name))
      .map((name) => ({
        code: 'guest/feature-needs',
        severity: 'error',
        summary: `The feature ${feature.name} needs ${name}.`,
        detail: `${name} is neither in the guest's \`features\` nor in those of the guest that it is cloned from.`,
        remedy: `Put "${name}" into the guest's \`features\`.`,
        position: guest.position,
        target: guest.vmid,
      })),
  );
}

/** Warnings for features that the record has and the folder no longer names. */
export function noLongerNamed(
  guest: DesiredGuest,
  applied: Applied,
  inherited: ReadonlySet<string>,
): readonly Diagnostic[] {
  const named = new Set(guest.features.map((feature) => feature.name));
  return [...applied.features.keys()]
    .filter((name) => !named.has(name) && !inherited.has(name))
    .sort()
    .map((name) => ({
      code: 'guest/feature-left-behind',
      severity: 'warning',
      summary: `The feature ${name} is installed and no longer named.`,
      detail: 'Features are not uninstalled: what an install did to a guest cannot be undone safely.',
      remedy: `Name it again, make the guest anew, or remove it by hand and take "${name}" out of ${GUEST_RECORD_PATH} there.`,
      position: guest.position,
      target: guest.vmid,
    }));
}

/** What a change takes for granted where the record is unknown. */
export const NO_RECORD_SEEN =
  'it is not in place, which nobody could see; a run looks first and does what is missing';

/** A record that is unknown: a plan saw the guest stopped, or what stands in its place is not to be trusted. */
export function recordUnknown(guest: DesiredGuest): Diagnostic {
  return {
    code: 'guest/record-unknown',
    severity: 'warning',
    summary: 'What is applied in the guest could not be seen.',
    detail: `The guest was stopped when it was observed, or its ${GUEST_RECORD_PATH} is no regular file, too large, or no record. It counts as absent: every feature is checked, the application script runs, and the record is written anew.`,
    remedy:
      'A run looks once the guest is up, and does only what is missing. To plan with what is there, start it first.',
    target: guest.vmid,
  };
}

/** A feature's `check` that neither passed nor failed. */
export function checkGaveNoAnswer(
  guest: DesiredGuest,
  feature: DesiredFeature,
  outcome: Outcome,
): Diagnostic {
  const said = [outcome.diagnostic?.summary, outcome.stderr.trim()].filter(Boolean).join('\n');
  return {
    code: 'guest/check-lost',
    severity: 'error',
    summary: `The check of the feature ${feature.name} gave no answer.`,
    detail: said === '' ? 'It was still running when its time was over.' : said,
    remedy: 'Run the same command again. If it stays so, see what the guest is busy with.',
    target: guest.vmid,
  };
}
