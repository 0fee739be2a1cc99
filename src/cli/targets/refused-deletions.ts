import type { Consent } from '../../model/change.ts';
import type { DesiredGuest, Folder } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Observation } from '../../model/observation.ts';
import type { Step } from '../../model/step.ts';

/**
 * What forbids to delete any of these guests, asked of a step before the first of them
 * goes: a cascade that can't reach what was named must not take what depends on it.
 */
export function refusedDeletions(
  mayGo: Step<DesiredGuest>,
  guests: readonly DesiredGuest[],
  given: { readonly folder: Folder; readonly observation: Observation; readonly consent: Consent },
): readonly Diagnostic[] {
  const { folder, observation, consent } = given;
  const found = guests.flatMap((desired) => {
    const guest = observation.guests.get(desired.vmid);
    const observed = { node: observation, answers: new Map(), ...(guest && { guest }) };
    const purpose = { verb: 'delete', options: {} };
    return mayGo.plan({ desired, observed, folder, consent, purpose }).diagnostics;
  });
  return found
    .filter(({ severity }) => severity === 'error')
    .map((diagnostic) => ({ ...diagnostic, summary: `${diagnostic.summary}; nothing was deleted` }));
}
