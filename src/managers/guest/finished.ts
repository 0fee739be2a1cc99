import type { DesiredGuest } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ObservedGuest } from '../../model/observation.ts';
import { definitionDigest } from './definition-digest.ts';
import { recordOf, type PresentGuest } from './input.ts';
import { hasSnapshot } from './snapshots.ts';
import { wordsOf } from './words.ts';

/**
 * Is the guest finished for good? A template is; so is a stopped guest whose golden snapshot
 * exists. Such a one is never started and nothing is applied to it.
 */
export function isFinished(guest: ObservedGuest, desired: DesiredGuest): boolean {
  if (guest.config.head.keys.get('template') === '1') return true;
  const { templateSnapshotName: name } = desired;
  return !guest.running && name !== undefined && !desired.isTemplate && hasSnapshot(guest, name);
}

/** Says that a finished guest was made from another definition than the folder has now. */
export function staleDiagnostics({ guest, desired, folder }: PresentGuest): readonly Diagnostic[] {
  const { completed } = recordOf(guest, folder.folderId);
  if (completed === undefined || completed === definitionDigest(desired)) return [];
  const what =
    guest.config.head.keys.get('template') === '1' ? 'template' : `golden ${wordsOf(desired.kind).noun}`;
  return [
    {
      code: `${desired.kind}/stale-golden`,
      severity: 'warning',
      summary: `${what} ${guest.vmid} was made from an older definition`,
      detail: 'It is finished, and clones of it may exist: it is never changed.',
      remedy: `To make it anew, delete it and create it again:\nphoenix delete ${guest.vmid}\nphoenix create ${guest.vmid}`,
      position: desired.position,
      target: guest.vmid,
    },
  ];
}
